package dev.marquee.profile;

/** When the phases of one thread began and ended, as many as there is room for. */
final class TraceEvents {
    static final TraceEvents NONE = new TraceEvents(0);

    private final byte[] phases;
    private final long[] began;
    private final long[] ended;
    private int count;
    private boolean stopped;

    TraceEvents(int most) {
        phases = new byte[most];
        began = new long[most];
        ended = new long[most];
    }

    /** Keeps an event unless there are enough. */
    void add(int phase, long from, long to) {
        if (stopped || count == phases.length) {
            return;
        }
        phases[count] = (byte) phase;
        began[count] = from;
        ended[count] = to;
        count++;
    }

    /** Keeps no more. */
    void stop() {
        stopped = true;
    }

    boolean full() {
        return count == phases.length;
    }

    int count() {
        return count;
    }

    int phase(int index) {
        return phases[index];
    }

    long began(int index) {
        return began[index];
    }

    long ended(int index) {
        return ended[index];
    }
}
