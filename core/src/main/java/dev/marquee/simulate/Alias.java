package dev.marquee.simulate;

/**
 * Draws from a finite distribution in constant time: the alias method (Walker, 1977, set up as in Vose, "A linear
 * algorithm for generating random numbers with a given distribution", IEEE Transactions on Software Engineering 17(9),
 * 1991).
 */
final class Alias {
    private final double[] keep;
    private final int[] other;

    Alias(double[] weights) {
        int size = weights.length;
        double total = 0;
        for (double weight : weights) {
            total += weight;
        }
        keep = new double[size];
        other = new int[size];
        int[] work = new int[size]; // those below the mean from the left, the others from the right
        int small = 0;
        int large = size;
        for (int i = 0; i < size; i++) {
            keep[i] = weights[i] * size / total;
            if (keep[i] < 1) {
                work[small++] = i;
            } else {
                work[--large] = i;
            }
        }
        while (small > 0 && large < size) {
            int low = work[--small];
            int high = work[large];
            other[low] = high;
            keep[high] -= 1 - keep[low];
            if (keep[high] < 1) {
                large++;
                work[small++] = high;
            }
        }
        while (small > 0) { // rounding
            keep[work[--small]] = 1;
        }
        while (large < size) {
            keep[work[large++]] = 1;
        }
    }

    /** The law of Zipf: the weight of rank r, from 1, is {@code r^-exponent}. */
    static Alias zipf(int size, double exponent) {
        double[] weights = new double[size];
        for (int i = 0; i < size; i++) {
            weights[i] = zipf(i + 1L, exponent);
        }
        return new Alias(weights);
    }

    static double zipf(long rank, double exponent) {
        return StrictMath.pow(rank, -exponent);
    }

    int draw(SplitMix random) {
        double scaled = random.uniform() * keep.length;
        int i = (int) scaled;
        return scaled - i < keep[i] ? i : other[i];
    }
}
