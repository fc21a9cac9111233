package dev.marquee.profile;

/**
 * What this machine can do at most.
 *
 * @param threads how many threads did it
 * @param gflops GFLOP/s of matrix products, in the precision of the training
 * @param gigabytesPerSecond GB/s of copies in main memory, bytes read and bytes written
 */
public record Roof(int threads, double gflops, double gigabytesPerSecond) {
    /** Measures it. */
    @FunctionalInterface
    public interface Source {
        /**
         * Measures.
         *
         * @param threads how many threads the training used
         * @param bfloat16 whether its products were in bfloat16
         * @return the rates
         */
        Roof measure(int threads, boolean bfloat16);
    }
}
