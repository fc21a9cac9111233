package dev.marquee.simulate;

/**
 * The generator SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014), with
 * generators of their own for whatever has a number: a user, an ad, a page. What one of them draws does not depend on
 * how much the others drew. Java's own generators promise less: how they draw bounded numbers has changed between
 * versions, and {@link Math} may differ from one processor to the next in the last digit, {@link StrictMath} not.
 */
final class SplitMix {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final double ULP = 0x1.0p-53;

    private long state;

    /**
     * The generator of one thing.
     *
     * @param seed the world's
     * @param kind what kind of thing it is
     * @param number which one
     */
    SplitMix(long seed, Kind kind, long number) {
        restart(seed, kind, number);
    }

    /** What has generators of its own. */
    enum Kind {
        EFFECTS(1),
        SEGMENT(2),
        ADVERTISER(3),
        AD(4),
        ORDER(5),
        USER(6),
        TASTE(7),
        PAGE(8);

        private final long number;

        Kind(long number) {
            this.number = number;
        }
    }

    /** Becomes the generator of another thing. */
    void restart(long seed, Kind kind, long number) {
        state = mix(mix(seed + kind.number * GOLDEN_GAMMA) + number * GOLDEN_GAMMA);
    }

    long next() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    /** At least 0, below 1. */
    double uniform() {
        return (next() >>> 11) * ULP;
    }

    /** At least 0, below the bound, which is so small against 2^53 that rounding does not show. */
    int below(int bound) {
        return (int) (uniform() * bound);
    }

    /** Mean 0, variance 1 (Box and Muller, 1958; the second number is thrown away). */
    double gaussian() {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
        return radius * StrictMath.cos(2 * Math.PI * uniform());
    }

    /** Mean 1. */
    double exponential() {
        return -StrictMath.log(1 - uniform());
    }

    /** Numbers of mean 0 and this standard deviation. */
    double[] gaussians(int size, double deviation) {
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = deviation * gaussian();
        }
        return values;
    }

    /** The numbers from 0 on, in any order (Fisher and Yates). */
    int[] permutation(int size) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = below(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
