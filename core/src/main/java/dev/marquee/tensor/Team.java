package dev.marquee.tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that work side by side, each with operators and matrix products of one thread: the thread that opened the team
 * is member 0. Between two tasks they wait busily for some microseconds, then sleep.
 *
 * <p>While a team is open, {@link Ranges#split} on the thread that opened it uses its members, those of the last one opened if
 * there are several.
 */
public final class Team implements AutoCloseable {
    /** The teams that a thread has opened, the latest first. */
    private static final ThreadLocal<Deque<Team>> OPEN = ThreadLocal.withInitial(ArrayDeque::new);
    /** Somewhat longer than waking a sleeping thread takes: up to 70 µs on a virtual machine. */
    private static final long SPIN_NANOS = 100_000;

    private static final int SPINS_BETWEEN_LOOKS = 64;

    private final Thread owner = Thread.currentThread();
    private final List<Thread> workers = new ArrayList<>();
    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicInteger task = new AtomicInteger();
    private volatile boolean closed;
    private Work work = member -> {};
    private boolean running;
    private boolean helping = true;

    private Team(int size) {
        for (int member = 1; member < size; member++) {
            int own = member;
            Thread thread = new Thread(() -> serve(own), "marquee-replica-" + member);
            thread.setDaemon(true);
            workers.add(thread);
        }
    }

    /** What a member does. */
    @FunctionalInterface
    public interface Work {
        /**
         * Does a member's share.
         *
         * @param member from 0
         */
        void run(int member);
    }

    /**
     * Starts the threads. From now on this thread's operators, and all matrix products of the process, use one thread
     * each.
     *
     * @param size how many members there are, this thread included, at least 1
     * @return the team; close it on this thread
     * @throws IllegalArgumentException when the size is not positive
     */
    public static Team open(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("a team has at least 1 member, not " + size);
        }
        Engine.useThreads(1, 1);
        Team team = new Team(size);
        team.workers.forEach(Thread::start);
        OPEN.get().push(team);
        return team;
    }

    /**
     * Tells whether {@link Ranges#split} on this thread would be done by a team.
     *
     * @return false without an open team of several, and within a task of one
     */
    public static boolean ready() {
        Team team = free();
        return team != null && team.size() > 1;
    }

    /** The team of this thread, if it is free for a task. */
    static @Nullable Team free() {
        Deque<Team> open = OPEN.get();
        // Within a task of one team the thread is a member that works alone.
        Team last = open.peek();
        return last == null || !last.helping || open.stream().anyMatch(team -> team.running) ? null : last;
    }

    /**
     * Whether the members take parts of loops ({@link Ranges#split}) on the thread that opened the team; what they are told to
     * {@link #run} they do in any case.
     *
     * @param whether they do; at first they do
     */
    public void help(boolean whether) {
        helping = whether;
    }

    /**
     * How many members there are.
     *
     * @return at least 1
     */
    public int size() {
        return workers.size() + 1;
    }

    /**
     * Lets all members work, and waits for all.
     *
     * @param what each does
     * @throws IllegalStateException when it is called on another thread than the one that opened the team, while the team
     *     works, or after it was closed
     * @throws RuntimeException what the first member to fail threw; the others finish their work before
     */
    public void run(Work what) {
        if (Thread.currentThread() != owner || running || closed) {
            throw new IllegalStateException(
                    closed ? "the team is closed" : "a team works on one task at a time, given by its own thread");
        }
        running = true;
        try {
            work = what;
            unfinished.set(workers.size());
            task.incrementAndGet(); // publishes the work
            workers.forEach(LockSupport::unpark);
            attempt(0);
            long spinUntil = System.nanoTime() + SPIN_NANOS;
            while (unfinished.get() > 0) {
                rest(spinUntil);
            }
        } finally {
            running = false;
        }
        Throwable thrown = failure.getAndSet(null);
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
    }

    /** Ends the threads. Closing twice is harmless. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        workers.forEach(LockSupport::unpark);
        boolean interrupted = false;
        for (Thread worker : workers) {
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        OPEN.get().remove(this);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(int member) {
        Engine.useThreads(1, 1);
        try (Draws draws = Draws.ofThisThread()) {
            int done = 0;
            while (await(done)) {
                done = task.get();
                attempt(member);
                if (unfinished.decrementAndGet() == 0) {
                    LockSupport.unpark(owner);
                }
            }
        }
    }

    /** Waits for the next task; false when there will be none. */
    private boolean await(int done) {
        long spinUntil = System.nanoTime() + SPIN_NANOS;
        while (task.get() == done) {
            if (closed) {
                return false;
            }
            rest(spinUntil);
        }
        return true;
    }

    private void rest(long spinUntil) {
        if (System.nanoTime() < spinUntil) {
            for (int i = 0; i < SPINS_BETWEEN_LOOKS; i++) {
                Thread.onSpinWait();
            }
        } else {
            LockSupport.park(this);
        }
    }

    private void attempt(int member) {
        try {
            work.run(member);
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
        }
    }
}
