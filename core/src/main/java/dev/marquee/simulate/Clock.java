package dev.marquee.simulate;

/** When pages are viewed: every hour of the day has a share of the day's pages, spread evenly over it. */
final class Clock {
    /** The first second of the log: Monday, 1 January 2024, 00:00 UTC. */
    static final long START = 1_704_067_200L;

    static final int DAY = 86_400;
    private static final int HOUR = 3_600;

    /** Pages in each hour, as parts of the day's, before they are made to sum to 1. */
    private static final int[] TRAFFIC = {
        20, 13, 9, 7, 7, 10, 20, 34, 44, 48, 50, 52, 56, 54, 50, 50, 52, 56, 62, 70, 76, 72, 56, 36
    };

    private final double pagesPerDay;
    private final double[] until = new double[TRAFFIC.length + 1];

    Clock(double pagesPerDay) {
        this.pagesPerDay = pagesPerDay;
        double total = 0;
        for (int part : TRAFFIC) {
            total += part;
        }
        double sum = 0;
        for (int hour = 0; hour < TRAFFIC.length; hour++) {
            sum += TRAFFIC[hour];
            until[hour + 1] = sum / total;
        }
    }

    /**
     * When a page is viewed.
     *
     * @param page its number; that of the first in the log is 0
     * @param jitter at least 0, below 1: where between this page and the next
     * @return seconds from the beginning of the log, never less than for an earlier page
     */
    long second(long page, double jitter) {
        double days = (page + jitter) / pagesPerDay;
        double day = Math.floor(days);
        double part = days - day;
        int hour = 0;
        while (hour < TRAFFIC.length - 1 && part >= until[hour + 1]) {
            hour++;
        }
        double within = (part - until[hour]) / (until[hour + 1] - until[hour]);
        return ((long) day) * DAY + (long) hour * HOUR + Math.min(HOUR - 1, (long) (within * HOUR));
    }

    static int hour(long second) {
        return (int) (Math.floorMod(second, (long) DAY) / HOUR);
    }

    /** From 0 for Monday. */
    static int weekday(long second) {
        return (int) Math.floorMod(Math.floorDiv(second, (long) DAY), 7L);
    }

    /** A slow swing between -1 and 1 in straight lines, which needs no trigonometry. */
    static double swing(double day, double period, double phase) {
        double turns = day / period + phase;
        return 4 * Math.abs(turns - Math.floor(turns) - 0.5) - 1;
    }
}
