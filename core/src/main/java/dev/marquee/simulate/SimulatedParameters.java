package dev.marquee.simulate;

/**
 * What a simulated world depends on, and nothing else.
 *
 * @param users how many users there are
 * @param ads how many ads there are
 * @param seed decides everything else
 */
public record SimulatedParameters(int users, int ads, long seed) {
    /** The most users there may be; the most ads too. */
    public static final int MOST = 5_000_000;

    /** Ads a page shows, one at each position. */
    static final int SLOTS = 4;

    /** How many impressions a user sees in a day, on average. */
    private static final int DAILY = 5;

    private static final int LONGEST_WARM_UP = 120_000;
    private static final int WARM_UP_DAYS = 10;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException when there is no user or no ad, or there are too many
     */
    public SimulatedParameters {
        check("users", users);
        check("ads", ads);
    }

    /** Pages that are viewed in a day. */
    double pagesPerDay() {
        return (double) users * DAILY / SLOTS;
    }

    /** Pages that were viewed before the log begins, so that counts and histories do not start from nothing. */
    long warmUp() {
        return Math.min(LONGEST_WARM_UP, (long) Math.ceil(pagesPerDay() * WARM_UP_DAYS));
    }

    private static void check(String name, int value) {
        if (value < 1 || value > MOST) {
            throw new IllegalArgumentException("a simulated stream needs 1 to " + MOST + " " + name + ", not " + value);
        }
    }
}
