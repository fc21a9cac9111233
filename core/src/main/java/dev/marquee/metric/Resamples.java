package dev.marquee.metric;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The measures of every resample of a {@link Bootstrap}. Two models measured on the same rows with the same seed have
 * had the same resamples, so that their differences can be taken one by one: {@link #difference}.
 */
public final class Resamples {
    // By measure; NaN where a resample has no value.
    private final Map<String, double[]> values;

    Resamples(Map<String, double[]> values) {
        this.values = values;
    }

    /**
     * The percentile intervals of all measures, with ends at the (1 ∓ level) / 2 quantiles, interpolated linearly.
     *
     * @param level between 0 and 1, such as 0.95
     * @return an interval by name; measures without a value in most resamples are absent
     * @throws IllegalArgumentException when the level is not between 0 and 1
     */
    public Map<String, Interval> intervals(double level) {
        Map<String, Interval> intervals = new LinkedHashMap<>();
        values.forEach((name, all) -> interval(all, level).ifPresent(interval -> intervals.put(name, interval)));
        return intervals;
    }

    /**
     * The interval of this model's measure minus the other's over the same resamples. Where 0 lies outside, the models
     * differ beyond chance.
     *
     * @param other from a bootstrap with the same rows in the same order, the same groups and the same seed
     * @param name of the measure
     * @param level between 0 and 1, such as 0.95
     * @return empty where one of the two has no value in most resamples
     * @throws IllegalArgumentException when the numbers of resamples differ, or the level is not between 0 and 1
     */
    public Optional<Interval> difference(Resamples other, String name, double level) {
        double[] ours = values.get(name);
        double[] theirs = other.values.get(name);
        if (ours == null || theirs == null) {
            return Optional.empty();
        }
        if (ours.length != theirs.length) {
            throw new IllegalArgumentException("the two have " + ours.length + " and " + theirs.length
                    + " resamples: make both with the same number and seed");
        }
        double[] differences = new double[ours.length];
        for (int i = 0; i < ours.length; i++) {
            differences[i] = ours[i] - theirs[i];
        }
        return interval(differences, level);
    }

    private static Optional<Interval> interval(double[] all, double level) {
        if (!(level > 0 && level < 1)) {
            throw new IllegalArgumentException("a level must be between 0 and 1, such as 0.95, not " + level);
        }
        double[] sorted = Arrays.stream(all)
                .filter(value -> !Double.isNaN(value))
                .sorted()
                .toArray();
        if (sorted.length <= all.length / 2) {
            return Optional.empty();
        }
        double tail = (1 - level) / 2;
        return Optional.of(new Interval(quantile(sorted, tail), quantile(sorted, 1 - tail), level, sorted.length));
    }

    private static double quantile(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) Math.floor(place);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
