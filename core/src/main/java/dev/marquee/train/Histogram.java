package dev.marquee.train;

import java.util.ArrayList;
import java.util.List;

/** Counts of log-odds in ranges of a quarter, those beyond ±12 in the outermost ranges. */
final class Histogram {
    private static final double LOWEST = -12;
    private static final double WIDTH = 0.25;
    private static final int BINS = 96;

    private final long[][] counts = new long[2][BINS];

    void add(double logit, int label) {
        int bin = (int) Math.floor((logit - LOWEST) / WIDTH);
        counts[label][Math.max(0, Math.min(BINS - 1, bin))]++;
    }

    /** The ranges from the first to the last that holds any row. */
    List<Measured.ScoreBin> bins() {
        int first = BINS;
        int last = -1;
        for (int i = 0; i < BINS; i++) {
            if (counts[0][i] + counts[1][i] > 0) {
                first = Math.min(first, i);
                last = i;
            }
        }
        List<Measured.ScoreBin> bins = new ArrayList<>();
        for (int i = first; i <= last; i++) {
            double from = LOWEST + i * WIDTH;
            bins.add(new Measured.ScoreBin(from, from + WIDTH, counts[0][i], counts[1][i]));
        }
        return bins;
    }
}
