package dev.marquee.profile;

/**
 * How some positive whole numbers are distributed, in constant memory: 128 ranges for each power of two, so that a
 * quantile is right to within 0.8 %.
 */
final class Durations {
    private static final int BITS = 7;
    private static final int RANGES = 1 << BITS;

    private final long[] counts = new long[(Long.SIZE - BITS) * RANGES];
    private long count;
    private double sum;
    private long least = Long.MAX_VALUE;
    private long most;

    /** Adds a number, at least 0. */
    void add(long value) {
        counts[range(value)]++;
        count++;
        sum += value;
        least = Math.min(least, value);
        most = Math.max(most, value);
    }

    long count() {
        return count;
    }

    /** The mean; 0 of none. */
    double mean() {
        return count == 0 ? 0 : sum / count;
    }

    /**
     * The smallest number that so many are at most as large as.
     *
     * @param share from 0 to 1
     * @return the middle of the range where it lies; 0 of none
     */
    double quantile(double share) {
        long wanted = Math.max(1, (long) Math.ceil(share * count));
        long seen = 0;
        for (int i = 0; i < counts.length && count > 0; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return Math.max(least, Math.min(most, middle(i)));
            }
        }
        return 0;
    }

    /** Numbers below 2 · 128 have a range of their own. */
    private static int range(long value) {
        int shift = Math.max(0, Long.SIZE - 1 - BITS - Long.numberOfLeadingZeros(value | 1));
        return shift * RANGES + (int) (value >>> shift);
    }

    private static double middle(int range) {
        int shift = Math.max(0, range / RANGES - 1);
        long low = (long) (range - shift * RANGES) << shift;
        return low + ((1L << shift) - 1) / 2.0;
    }
}
