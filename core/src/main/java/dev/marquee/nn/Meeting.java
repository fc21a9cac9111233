package dev.marquee.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where replicas of a network that have a part of a batch each tell each other what layers need to know of the whole of it,
 * in the middle of their forward and backward passes. All that are there tell something in every round; the next round begins
 * when all have. Replicas without a part leave, and so do those that have finished.
 */
public final class Meeting {
    private final Phaser phaser;
    /** Two rounds: who reads the last one is not done with it when others tell the next. */
    private final Told[][] told;

    private final int[] rounds;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** What a member told. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    private record Told(int round, String what, double[] numbers) {}

    /**
     * Begins.
     *
     * @param members how many replicas there are, at least 1
     */
    public Meeting(int members) {
        phaser = new Phaser(members);
        told = new Told[2][members];
        rounds = new int[members];
    }

    /**
     * Tells the others something and waits for what they tell.
     *
     * @param member who tells
     * @param what the kind of it, for all must tell the same
     * @param numbers not to be changed afterwards
     * @return what all have told that are there, by member, this one's included; null for those that left
     * @throws RuntimeException what a member failed with
     */
    List<double @Nullable []> exchange(int member, String what, double... numbers) {
        int round = rounds[member]++;
        Told[] all = told[round & 1];
        all[member] = new Told(round, what, numbers);
        if (phaser.arriveAndAwaitAdvance() < 0) {
            throw failed();
        }
        List<double @Nullable []> numbersOfAll = new ArrayList<>();
        for (Told one : all) {
            boolean there = one != null && one.round() == round;
            if (there && !(one.what().equals(what) && one.numbers().length == numbers.length)) {
                throw new IllegalStateException("replicas are at different layers: one at " + what + ", another at "
                        + one.what() + "; every layer with statistics of the batch must be on the way of every loss");
            }
            numbersOfAll.add(there ? one.numbers() : null);
        }
        return numbersOfAll;
    }

    /**
     * Lets a member do its part, and the others go on without it afterwards. When it fails, whoever waits or comes to wait
     * fails too.
     *
     * @param member who
     * @param part what it does
     */
    public void attend(int member, Runnable part) {
        try {
            part.run();
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
            phaser.forceTermination();
            throw e;
        }
        phaser.arriveAndDeregister();
    }

    /**
     * Lets all members attend.
     *
     * @param all lets each of them
     * @throws RuntimeException what the first member to fail threw, whatever became of it on its way through others
     */
    public void hold(Runnable all) {
        try {
            all.run();
        } catch (RuntimeException e) {
            throw failure.get() instanceof RuntimeException first ? first : e;
        }
    }

    private RuntimeException failed() {
        Throwable reason = failure.get();
        return reason instanceof RuntimeException exception
                ? exception
                : new IllegalStateException("another replica failed", reason);
    }
}
