package dev.marquee.metric;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How much the measures of {@link ClickMetrics} would vary with other rows of the same kind. Each resample gives every
 * row, or every group with all of its rows where groups are given, a count drawn from a Poisson distribution of mean 1;
 * the row's weight is multiplied by it. Drawing whole groups is right where a group's rows depend on each other, as
 * those of one user do; intervals from single rows are too narrow then.
 *
 * <p>Counts follow from the seed, the number of the resample and the row's place (or its group) alone, so that results
 * are the same on every machine. Rows are kept, 32 bytes each, and sorted once; a resample takes the time of one exact
 * evaluation. The expected calibration error of resamples lies above that of the rows: it cannot be negative, so noise
 * adds to it.
 */
public final class Bootstrap {
    private static final int FIRST = 1 << 10;
    // P(count <= k) of a Poisson distribution of mean 1. What lies beyond has a chance below 1e-16.
    private static final double[] POISSON = cumulative(18);
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final Scale scale;
    private final long seed;
    private final RowCheck check;
    private double[] scores = new double[FIRST];
    private double[] weights = new double[FIRST];
    private byte[] labels = new byte[FIRST];
    // The group, or the place of a row without one.
    private long[] units = new long[FIRST];
    private int size;
    private boolean groupsGiven;

    /**
     * Nothing added yet.
     *
     * @param scale what the scores are
     * @param seed of the resamples
     */
    public Bootstrap(Scale scale, long seed) {
        this.scale = scale;
        this.seed = seed;
        this.check = new RowCheck(scale);
    }

    /**
     * Adds a row without a group.
     *
     * @param score logit or probability
     * @param label 0 or 1
     * @param weight what the row counts for: finite, at least 0
     * @throws IllegalArgumentException naming the row (the first is row 1) and the value that is not allowed
     */
    public void add(double score, double label, double weight) {
        add(score, label, weight, size, false);
    }

    /**
     * Adds a row.
     *
     * @param score logit or probability
     * @param label 0 or 1
     * @param weight what the row counts for: finite, at least 0
     * @param group any number that is the same for the rows of a group
     * @throws IllegalArgumentException naming the row (the first is row 1) and the value that is not allowed
     */
    public void add(double score, double label, double weight, long group) {
        add(score, label, weight, group, true);
    }

    /**
     * Measures resamples.
     *
     * @param resamples how many, at least 2; a few hundred for an interval at 0.95
     * @return the measures of each
     * @throws IllegalArgumentException when there are too few
     */
    public Resamples run(int resamples) {
        if (resamples < 2) {
            throw new IllegalArgumentException("a bootstrap needs at least 2 resamples, not " + resamples);
        }
        int[] order = order();
        Map<String, double[]> values = new LinkedHashMap<>();
        for (int resample = 0; resample < resamples; resample++) {
            for (Map.Entry<String, Double> entry :
                    resample(order, resample).values().entrySet()) {
                values.computeIfAbsent(entry.getKey(), name -> filled(resamples))[resample] = entry.getValue();
            }
        }
        return new Resamples(values);
    }

    /** The count of a unit in a resample: the inverse of the distribution at a number that hashing gives. */
    static int count(long seed, int resample, long unit) {
        long stream = LongIds.mix(seed + (resample + 1) * GOLDEN);
        long bits = LongIds.mix(stream + LongIds.mix(unit + GOLDEN));
        double uniform = (bits >>> 11) * 0x1p-53;
        int count = 0;
        while (count < POISSON.length && uniform >= POISSON[count]) {
            count++;
        }
        return count;
    }

    private void add(double score, double label, double weight, long unit, boolean group) {
        if (size > 0 && group != groupsGiven) {
            throw new IllegalArgumentException("row " + (size + 1) + " has " + (group ? "a" : "no")
                    + " group, and the rows before have " + (group ? "none" : "one")
                    + ": give a group with every row or with none");
        }
        check.next(score, label, weight);
        if (size == scores.length) {
            int room = 2 * size;
            scores = Arrays.copyOf(scores, room);
            weights = Arrays.copyOf(weights, room);
            labels = Arrays.copyOf(labels, room);
            units = Arrays.copyOf(units, room);
        }
        groupsGiven = group;
        scores[size] = score;
        weights[size] = weight;
        labels[size] = (byte) label;
        units[size] = unit;
        size++;
    }

    /** By score, so that no resample needs to sort. */
    private int[] order() {
        long[] keys = new long[size];
        for (int i = 0; i < size; i++) {
            keys[i] = RadixSort.key(scores[i]);
        }
        return RadixSort.order(keys, size);
    }

    private ClickMetrics resample(int[] order, int resample) {
        ClickMetrics metrics = ClickMetrics.exact(scale);
        for (int i : order) {
            int count = count(seed, resample, units[i]);
            if (count > 0 && groupsGiven) {
                metrics.add(scores[i], labels[i], weights[i] * count, units[i]);
            } else if (count > 0) {
                metrics.add(scores[i], labels[i], weights[i] * count);
            }
        }
        return metrics;
    }

    private static double[] filled(int length) {
        double[] values = new double[length];
        Arrays.fill(values, Double.NaN);
        return values;
    }

    private static double[] cumulative(int length) {
        double[] cumulative = new double[length];
        double chance = Math.exp(-1);
        double sum = 0;
        for (int k = 0; k < length; k++) {
            sum += chance;
            cumulative[k] = sum;
            chance /= k + 1;
        }
        return cumulative;
    }
}
