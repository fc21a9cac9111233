package dev.marquee.simulate;

/** The impression at one position of the page that is viewed, as a row of the log. */
final class Impression {
    /** Past this a click that has not led to a conversion never does: no log is that long. */
    private static final double NEVER = 1e15;

    final Pages pages;
    int slot;
    private final long logEnd;

    /**
     * A view of a page.
     *
     * @param logEnd the second of the last row of the log: what happens later is not in it
     */
    Impression(Pages pages, long logEnd) {
        this.pages = pages;
        this.logEnd = logEnd;
    }

    /** Its number, from 0. */
    long row() {
        return pages.page * Pages.SLOTS + slot;
    }

    int ad() {
        return pages.ad[slot];
    }

    long userId() {
        return pages.userIds[pages.number] + 1L;
    }

    long adId(int ad) {
        return pages.ads.id[ad] + 1L;
    }

    double clickProbability() {
        return pages.probability[slot];
    }

    boolean clicked() {
        return pages.click[slot];
    }

    /** Of a click that leads to a conversion before the log ends. */
    double conversionProbability() {
        double seen = 1 - StrictMath.exp(-(logEnd - pages.second) / pages.meanDelay(ad()));
        return pages.probability[slot] * pages.conversion[slot] * seen;
    }

    /** Whether a conversion is in the log. */
    boolean converted() {
        return pages.delay[slot] < NEVER && pages.delay[slot] < logEnd - pages.second;
    }

    /** Seconds from the click to the conversion. */
    double delay() {
        return pages.delay[slot];
    }
}
