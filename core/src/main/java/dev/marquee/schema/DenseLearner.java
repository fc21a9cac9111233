package dev.marquee.schema;

import java.util.Arrays;

/**
 * Learns what the encoding of a number needs: range, mean and deviation (Welford 1962), bins. Bins are exact up to
 * a million values; of more, a reservoir of that size is kept (Vitter's algorithm R with a fixed seed), which
 * depends on the order of the rows, yet not on how they are cut into chunks.
 */
final class DenseLearner {
    static final int RESERVOIR = 1_000_000;
    private static final long SEED = 0x6D61727175656531L;

    private final DenseFeature feature;
    private final boolean binned;
    private long count;
    private long missing;
    private long refused;
    private double minimum = Double.POSITIVE_INFINITY;
    private double maximum = Double.NEGATIVE_INFINITY;
    private double mean;
    private double squares;
    private double[] sample = new double[256];

    DenseLearner(DenseFeature feature) {
        this.feature = feature;
        binned = feature.encoding() == DenseEncoding.QUANTILE || feature.encoding() == DenseEncoding.PIECEWISE_LINEAR;
    }

    /** Learns from the numbers of the selected rows, NaN where there is none. */
    void add(double[] values, boolean[] selected, int unreadable) {
        refused += unreadable;
        for (int row = 0; row < selected.length; row++) {
            if (selected[row]) {
                double value = values[row];
                if (Double.isNaN(value)) {
                    missing++;
                } else {
                    add(value);
                }
            }
        }
    }

    private void add(double value) {
        minimum = Math.min(minimum, value);
        maximum = Math.max(maximum, value);
        count++;
        if (binned) {
            keep(value);
            return;
        }
        double term = feature.encoding() == DenseEncoding.SIGNED_LOG ? DenseEncoder.signedLog(value) : value;
        double distance = term - mean;
        mean += distance / count;
        squares += distance * (term - mean);
    }

    private void keep(double value) {
        if (count <= RESERVOIR) {
            if (count > sample.length) {
                sample = Arrays.copyOf(sample, Math.min(RESERVOIR, 2 * sample.length));
            }
            sample[(int) count - 1] = value;
            return;
        }
        long place = Long.remainderUnsigned(mix(SEED + count), count);
        if (place < RESERVOIR) {
            sample[(int) place] = value;
        }
    }

    DenseFit fit() {
        if (count == 0 && refused > 0) {
            throw new RowException("column " + feature.source() + " of the dense feature " + feature.name()
                    + " holds no number in any of " + (missing + count)
                    + " training rows: make the feature categorical, or leave it out");
        }
        boolean indicator = feature.missing().orElse(missing > 0);
        if (count == 0) {
            return new DenseFit(0, 0, 0, 0, new double[1], new double[] {0.5}, indicator);
        }
        if (!binned) {
            double deviation = minimum == maximum ? 0 : Math.sqrt(squares / count);
            return new DenseFit(minimum, maximum, mean, deviation, new double[0], new double[0], indicator);
        }
        double[] sorted = Arrays.copyOf(sample, (int) Math.min(count, RESERVOIR));
        Arrays.sort(sorted);
        sorted[0] = minimum;
        sorted[sorted.length - 1] = maximum;
        double[] edges = DenseBins.edges(sorted, feature.bins());
        return new DenseFit(minimum, maximum, 0, 0, edges, DenseBins.shares(sorted, edges), indicator);
    }

    /** A bijection that leaves no pattern in the bits (the finaliser of SplitMix64). */
    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
