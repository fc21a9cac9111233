package dev.marquee.profile;

import org.jspecify.annotations.Nullable;

/**
 * What one thread was busy with, and the work that it did. A thread is in one phase at a time: entering another one stops
 * the clock of the one before until it is left, so the times of all phases add up to the time since the start.
 *
 * <p>Only the thread itself enters and leaves; others read while it rests.
 */
public final class Track {
    /** Phases within phases. */
    private static final int DEPTH = 8;

    private final int replica;
    private final boolean recording;
    private final int[] entered = new int[DEPTH];
    private final long[] began = new long[DEPTH];
    private final @Nullable PhaseEvent[] flights = new PhaseEvent[DEPTH];
    private int depth;

    private final long[] nanos = new long[Phase.count()];
    private final double[] flop = new double[Phase.count()];
    private final double[] bytes = new double[Phase.count()];
    private long since;
    private final TraceEvents trace;
    private @Nullable Thread thread;

    private Track(int replica, boolean recording, TraceEvents trace) {
        this.replica = replica;
        this.recording = recording;
        this.trace = trace;
    }

    /**
     * A track that records nothing, but tells JDK Flight Recorder.
     *
     * @param replica the number of the thread, from 0
     * @return a new one
     */
    public static Track off(int replica) {
        return new Track(replica, /* recording= */ false, TraceEvents.NONE);
    }

    /** A track that records. */
    static Track on(int replica, TraceEvents trace) {
        return new Track(replica, /* recording= */ true, trace);
    }

    /**
     * A phase begins.
     *
     * @param phase which
     */
    public void enter(Phase phase) {
        if (Flight.wantsPhases()) {
            PhaseEvent flight = new PhaseEvent();
            flight.phase = phase.key();
            flight.replica = replica;
            flight.begin();
            flights[depth] = flight;
        }
        if (recording) {
            if (thread == null) {
                bind();
            }
            began[depth] = switchAt();
        }
        entered[depth++] = phase.index();
    }

    /** The phase that began last ends. */
    public void leave() {
        if (recording) {
            long now = switchAt();
            trace.add(entered[depth - 1], began[depth - 1], now);
        }
        depth--;
        PhaseEvent flight = flights[depth];
        if (flight != null) {
            flights[depth] = null;
            flight.end();
            if (flight.shouldCommit()) {
                flight.commit();
            }
        }
    }

    /**
     * How many phases have begun and not ended.
     *
     * @return at least 0; hand it to {@link #leaveTo}
     */
    public int depth() {
        return depth;
    }

    /**
     * Ends phases until so many are left, which is how a failure leaves them.
     *
     * @param wanted how many phases there were
     */
    public void leaveTo(int wanted) {
        while (depth > wanted) {
            leave();
        }
    }

    /** The number of the thread, from 0. */
    int replica() {
        return replica;
    }

    /** The clock begins now, on the calling thread. */
    void start() {
        bind();
        since = System.nanoTime();
    }

    /** Stops the clock of the phase that lasts. */
    void settle() {
        switchAt();
    }

    /** Work done in the phase that lasts. */
    void addFlop(double forward, double backward) {
        int phase = current();
        flop[phase] += forward;
        if (phase == Phase.FORWARD.index()) {
            flop[Phase.BACKWARD.index()] += backward;
        }
    }

    /** Bytes read and written in the phase that lasts. */
    void addBytes(double count) {
        bytes[current()] += count;
    }

    long nanos(Phase phase) {
        return nanos[phase.index()];
    }

    double flop(Phase phase) {
        return flop[phase.index()];
    }

    double bytes(Phase phase) {
        return bytes[phase.index()];
    }

    TraceEvents trace() {
        return trace;
    }

    /** The thread that the track belongs to; null before it has begun. */
    @Nullable
    Thread thread() {
        return thread;
    }

    private void bind() {
        thread = Thread.currentThread();
        Tally.begin(this);
    }

    private int current() {
        return depth == 0 ? Phase.OTHER.index() : entered[depth - 1];
    }

    /** Adds the time since the last switch to the phase that lasted. */
    private long switchAt() {
        long now = System.nanoTime();
        if (since != 0) {
            nanos[current()] += now - since;
        }
        since = now;
        return now;
    }
}
