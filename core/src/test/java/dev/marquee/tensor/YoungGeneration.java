package dev.marquee.tensor;

/** The part of Java's heap where objects are made, for tests that look at the memory of the whole process. */
public final class YoungGeneration {
    private static final int MORE_THAN_IT_HAS = 512;

    @SuppressWarnings("unused")
    private static volatile byte[] last = {};

    private YoungGeneration() {}

    /**
     * Goes through all of it, so that the system has given it its memory: what the process grows by from now on is not that of
     * the first Java objects in places that were never used.
     */
    public static void touch() {
        for (int i = 0; i < MORE_THAN_IT_HAS; i++) {
            last = new byte[1 << 20];
        }
    }
}
