package dev.marquee.measure;

import java.util.Arrays;

/**
 * What repeated measurements of one quantity gave.
 *
 * @param median the middle value, the mean of the two middle ones for an even count
 * @param min the smallest
 * @param max the largest
 * @param count how many there were, at least 1
 */
public record Spread(double median, double min, double max, int count) {
    /**
     * Summarises measurements.
     *
     * @param values at least one
     * @return their spread
     * @throws IllegalArgumentException when there are none
     */
    public static Spread of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("a spread needs at least one measurement");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
    }

    /**
     * How far the measurements lie apart: {@code (max - min) / median}.
     *
     * @return 0 when all are equal
     */
    public double relative() {
        return max == min ? 0 : (max - min) / median;
    }
}
