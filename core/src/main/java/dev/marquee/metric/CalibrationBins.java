package dev.marquee.metric;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Cuts the rows, from the highest score down, into bins of equal weight; a cell is never split. */
final class CalibrationBins implements ScoreStore.Cells {
    private final int most;
    private final double total;
    private final List<CalibrationBin> bins = new ArrayList<>();
    private double done;
    private long closed;
    private double positive;
    private double weight;
    private double predicted;
    private long rows;

    private CalibrationBins(int most, double total) {
        this.most = most;
        this.total = total;
    }

    /** From the lowest scores to the highest. */
    static List<CalibrationBin> of(ScoreStore store, int most) {
        CalibrationBins bins = new CalibrationBins(most, store.weight());
        store.sweep(true, bins);
        if (bins.rows > 0) {
            // Rounding can leave the last bin a hair short of its share.
            bins.close();
        }
        Collections.reverse(bins.bins);
        return bins.bins;
    }

    static double expectedError(List<CalibrationBin> bins) {
        double weight = 0;
        double error = 0;
        for (CalibrationBin bin : bins) {
            weight += bin.weight();
            error += bin.weight() * Math.abs(bin.predicted() - bin.observed());
        }
        return error / weight;
    }

    @Override
    public void cell(double positive, double negative, double predicted, long rows) {
        this.positive += positive;
        weight += positive + negative;
        this.predicted += predicted;
        this.rows += rows;
        done += positive + negative;
        long full = (long) (done * most / total);
        if (full > closed) {
            closed = full;
            close();
        }
    }

    private void close() {
        bins.add(new CalibrationBin(predicted / weight, positive / weight, weight, rows));
        positive = 0;
        weight = 0;
        predicted = 0;
        rows = 0;
    }
}
