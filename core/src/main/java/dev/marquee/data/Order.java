package dev.marquee.data;

import java.util.Arrays;

/**
 * Which sample comes when. Everything depends on the arguments alone and on an algorithm that is fixed for ever: the
 * shuffle of Fisher and Yates (Durstenfeld's form, Communications of the ACM 7(7), 1964), its numbers drawn by SplitMix64
 * (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014), a bounded number being the
 * remainder of the upper 63 bits, the incomplete last interval rejected. Java's own generators promise less: how they
 * draw bounded numbers has changed between versions.
 */
public final class Order {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final long SPLIT = -1;

    private Order() {}

    /**
     * One sample after the other.
     *
     * @param size the number of samples, at least 0
     * @return 0 to {@code size - 1}
     * @throws IllegalArgumentException when the size is negative
     */
    public static int[] sequential(int size) {
        if (size < 0) {
            throw new IllegalArgumentException("the number of samples must be at least 0, not " + size);
        }
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            order[i] = i;
        }
        return order;
    }

    /**
     * A permutation that the seed and the epoch determine.
     *
     * @param size the number of samples, at least 0
     * @param seed the run's seed
     * @param epoch the number of the epoch, at least 0
     * @return 0 to {@code size - 1} in that order
     * @throws IllegalArgumentException when the size or the epoch is negative
     */
    public static int[] shuffled(int size, long seed, long epoch) {
        if (epoch < 0) {
            throw new IllegalArgumentException("the epoch must be at least 0, not " + epoch);
        }
        return permutation(size, seed, epoch);
    }

    /**
     * Divides samples into those to train on and those held out. The choice depends on the seed alone, so that all epochs
     * and resumed runs share it. Both parts are in ascending order.
     *
     * @param size the number of samples, at least 1
     * @param fraction the part to hold out, from 0 to below 1; it is rounded to whole samples, at least one of each kind
     *     when it is not 0
     * @param seed the run's seed
     * @return the two parts
     * @throws IllegalArgumentException when the fraction is out of range, or there are too few samples for two parts
     */
    public static Split split(int size, double fraction, long seed) {
        if (!(fraction >= 0 && fraction < 1)) {
            throw new IllegalArgumentException("the fraction held out must be at least 0 and below 1, not " + fraction);
        }
        if (fraction == 0) {
            return new Split(sequential(size), new int[0]);
        }
        if (size < 2) {
            throw new IllegalArgumentException(
                    "holding a part out needs at least 2 samples, not " + size + ": set the fraction to 0");
        }
        int held = (int) Math.max(1, Math.min(size - 1, Math.round(size * fraction)));
        int[] order = permutation(size, seed, SPLIT);
        int[] validation = Arrays.copyOf(order, held);
        int[] training = Arrays.copyOfRange(order, held, size);
        Arrays.sort(validation);
        Arrays.sort(training);
        return new Split(training, validation);
    }

    private static int[] permutation(int size, long seed, long stream) {
        int[] order = sequential(size);
        SplitMix64 random = new SplitMix64(SplitMix64.mix(SplitMix64.mix(seed) + stream));
        for (int i = size - 1; i > 0; i--) {
            int j = random.below(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    /** Samples to train on and samples held out. */
    public static final class Split {
        private final int[] training;
        private final int[] validation;

        private Split(int[] training, int[] validation) {
            this.training = training;
            this.validation = validation;
        }

        /**
         * The samples to train on.
         *
         * @return ascending; a copy
         */
        public int[] training() {
            return training.clone();
        }

        /**
         * The samples held out.
         *
         * @return ascending, empty when the fraction is 0; a copy
         */
        public int[] validation() {
            return validation.clone();
        }
    }

    /** The generator; see the class's comment. */
    static final class SplitMix64 {
        private long state;

        SplitMix64(long state) {
            this.state = state;
        }

        long next() {
            state += GOLDEN_GAMMA;
            return mix(state);
        }

        int below(int bound) {
            while (true) {
                long bits = next() >>> 1;
                long value = bits % bound;
                // Negative by overflow exactly when the bits lie in the last interval and that one is incomplete.
                if (bits - value + (bound - 1) >= 0) {
                    return (int) value;
                }
            }
        }

        static long mix(long z) {
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            return z ^ (z >>> 31);
        }
    }
}
