package dev.marquee.accelerate;

import dev.marquee.measure.Interleaved.Series;
import java.util.Arrays;

/**
 * How many times faster one alternative is than another: the median over turns, with an interval that holds the true median
 * in at least 98 of 100 measurements, from order statistics (no assumption about the noise). So wide, since many
 * alternatives are tried and the luckiest must not win. Below seven turns it is the smallest and the largest ratio, which
 * holds the median less often.
 *
 * @param times the median, above 1 where it is faster
 * @param low where the interval begins
 * @param high where it ends
 */
public record Gain(double times, double low, double high) {
    private static final double LEVEL = 0.98;

    /**
     * Compares what was measured in the same turns.
     *
     * @param than the other alternative
     * @param series this one
     * @return the gain
     */
    public static Gain of(Series than, Series series) {
        double[] sorted = series.ratios(than);
        Arrays.sort(sorted);
        int count = sorted.length;
        int cut = cut(count);
        double median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
        return new Gain(median, sorted[cut], sorted[count - 1 - cut]);
    }

    /**
     * Whether it is faster by more than noise.
     *
     * @return false where the interval reaches 1
     */
    public boolean faster() {
        return low > 1;
    }

    /**
     * Whether it is slower by more than noise.
     *
     * @return false where the interval reaches 1
     */
    public boolean slower() {
        return high < 1;
    }

    /** How many values may be left out at either end. */
    private static int cut(int count) {
        double chance = Math.pow(0.5, count); // of exactly k of the values below the median
        double below = chance;
        int cut = 0;
        while (cut + 1 < count / 2) {
            chance *= (double) (count - cut) / (cut + 1);
            if (1 - 2 * (below + chance) < LEVEL) {
                break;
            }
            below += chance;
            cut++;
        }
        return cut;
    }
}
