package dev.marquee.accelerate;

/**
 * How much is measured, and what is asked of the result.
 *
 * @param seconds how long it may take, more or less; opening the data and what warms up comes on top
 * @param turns how often each alternative has its turn
 * @param tolerance the largest relative change of the validation loss, for the worse, that is fine: 0.005 is half a per cent
 * @param seeds trainings of each alternative whose quality is measured
 * @param rows the most samples that such a training sees; 0 for as many as there is time for
 */
public record AccelerateOptions(double seconds, int turns, double tolerance, int seeds, long rows) {
    /** Three minutes, twenty-five turns, half a per cent, one seed. */
    public static final AccelerateOptions DEFAULT = new AccelerateOptions(180, 25, 0.005, 1, 0);

    /** Checks. */
    public AccelerateOptions {
        require(seconds > 0 && Double.isFinite(seconds), "the time must be above 0 seconds, not " + seconds);
        require(turns >= 3, "there must be at least 3 turns to see the noise, not " + turns);
        require(
                tolerance >= 0 && tolerance <= 1,
                "the tolerance is a relative change of the loss from 0 to 1, such as 0.005, not " + tolerance);
        require(seeds >= 1, "there must be at least 1 seed, not " + seeds);
        require(rows >= 0, "the number of rows must not be negative, as " + rows + " is");
    }

    private static void require(boolean fine, String message) {
        if (!fine) {
            throw new IllegalArgumentException(message);
        }
    }
}
