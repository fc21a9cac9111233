package dev.marquee.collective;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.bytedeco.pytorch.Tensor;

/**
 * The messages of the members of one machine. They have the same numbers on all: every member writes one of each number,
 * and takes those of all, in the order of the numbers, in whatever call it is in when they are there. No thread is needed.
 */
final class SharedMessages {
    /** The longest message, so that others take one while the next is written. */
    static final long LONGEST = SharedRegion.RING / 4;

    /** Waiting for one who is as quick: asking again and again costs least. */
    private static final long SPIN_NANOS = 100_000;

    /** Others may have work for this processor. */
    private static final long YIELD_NANOS = 2_000_000;

    private static final long SHORTEST_PAUSE_NANOS = 50_000;
    private static final long LONGEST_PAUSE_NANOS = 1_000_000;

    private final Presence presence;
    private final List<SharedRegion> regions;
    private final SharedRegion own;
    private final Deque<Expected> expected = new ArrayDeque<>();
    /** Where in the ring, counted from the beginning of all time, each message ends. */
    private final long[] ends = new long[SharedRegion.SLOTS];

    private long next;
    private long head;

    /** Messages that all members will write, and what to do with them. */
    private record Expected(long number, Runnable taking) {}

    SharedMessages(Presence presence, List<SharedRegion> regions) {
        this.presence = presence;
        this.regions = List.copyOf(regions);
        this.own = regions.get(presence.rank());
    }

    /**
     * Gives this member's next message a number and a place, for which it may have to wait.
     *
     * @param length bytes, at most {@link #LONGEST}
     * @param kind what must be the same for all members' messages of that number
     * @param what the exchange
     * @param exchange its number
     */
    long reserve(long length, long kind, String what, long exchange) {
        long number = next;
        long room = (length + SharedRegion.LINE - 1) / SharedRegion.LINE * SharedRegion.LINE;
        long offset = head % SharedRegion.RING;
        long begin = offset + room <= SharedRegion.RING ? head : head + SharedRegion.RING - offset;
        await(() -> isFree(number, begin + room), what, exchange);
        next++;
        head = begin + room;
        ends[(int) (number % SharedRegion.SLOTS)] = head;
        own.describe(number, begin % SharedRegion.RING, length, kind);
        return number;
    }

    /** The bytes of this member's message, to be written. */
    Tensor mine(long number) {
        return own.bytes(number);
    }

    /** Lets the others read this member's message. */
    void publish(long number) {
        own.publish(number);
    }

    /**
     * Has something done when the messages of that number of all members are there. Numbers come in their order.
     *
     * @param taking reads them; they may be overwritten afterwards
     */
    void expect(long number, Runnable taking) {
        expected.add(new Expected(number, taking));
    }

    /** A member's message, which is there. */
    Tensor of(int rank, long number) {
        return regions.get(rank).bytes(number);
    }

    /** The members whose message is of another kind or length than this one's; only kinds where lengths may differ. */
    List<Integer> differing(long number, boolean lengthsToo) {
        List<Integer> ranks = new ArrayList<>();
        for (int rank = 0; rank < regions.size(); rank++) {
            SharedRegion region = regions.get(rank);
            if (region.kind(number) != own.kind(number)
                    || (lengthsToo && region.length(number) != own.length(number))) {
                ranks.add(rank);
            }
        }
        return ranks;
    }

    /** Takes what is there; whether there was anything. */
    boolean progress() {
        boolean any = false;
        while (!expected.isEmpty() && isThere(expected.element().number())) {
            Expected first = expected.remove();
            first.taking().run();
            own.taken(first.number() + 1);
            any = true;
        }
        return any;
    }

    /** Whether nothing is under way. */
    boolean isIdle() {
        return expected.isEmpty();
    }

    /**
     * Waits, and takes what comes meanwhile.
     *
     * @throws GroupException when a member is lost, or does not come
     */
    @SuppressWarnings(
            "ThreadPriorityCheck") // Where there are more threads than processors, whom this waits for may need this
    // one.
    void await(BooleanSupplier done, String what, long exchange) {
        long since = System.nanoTime();
        long pause = SHORTEST_PAUSE_NANOS;
        while (!done.getAsBoolean()) {
            if (progress()) {
                since = System.nanoTime();
                pause = SHORTEST_PAUSE_NANOS;
                continue;
            }
            long waited = System.nanoTime() - since;
            if (waited < SPIN_NANOS) {
                Thread.onSpinWait();
            } else if (waited < YIELD_NANOS) {
                Thread.yield();
            } else {
                presence.check(Presence.in(what, exchange));
                if (waited > presence.patience().toNanos()) {
                    throw presence.lost(what, exchange, new IllegalStateException("nobody came"));
                }
                LockSupport.parkNanos(pause);
                pause = Math.min(LONGEST_PAUSE_NANOS, 2 * pause);
            }
        }
    }

    void close() {
        regions.forEach(SharedRegion::close);
    }

    private boolean isThere(long number) {
        for (SharedRegion region : regions) {
            if (!region.isReady(number)) {
                return false;
            }
        }
        return true;
    }

    private boolean isFree(long number, long end) {
        long taken = Long.MAX_VALUE;
        for (SharedRegion region : regions) {
            taken = Math.min(taken, region.taken());
        }
        long tail = taken == 0 ? 0 : ends[(int) ((taken - 1) % SharedRegion.SLOTS)];
        return number - taken < SharedRegion.SLOTS && end - tail <= SharedRegion.RING;
    }
}
