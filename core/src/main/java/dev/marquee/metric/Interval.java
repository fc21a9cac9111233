package dev.marquee.metric;

/**
 * A confidence interval.
 *
 * @param low lower end
 * @param high upper end
 * @param level how often such intervals hold what is estimated, such as 0.95
 * @param resamples how many resamples had a value
 */
public record Interval(double low, double high, double level, int resamples) {
    /**
     * Whether a number lies in the interval, ends included.
     *
     * @param value any number
     * @return false for NaN
     */
    public boolean contains(double value) {
        return value >= low && value <= high;
    }
}
