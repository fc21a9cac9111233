package dev.marquee.metric;

import java.util.Optional;

/** What the order of the rows says: one sweep over a store gives both areas and how far binning can have moved them. */
final class Ranking implements ScoreStore.Cells {
    private final boolean binned;
    private double positives;
    private double negatives;
    // Positives above negatives, in weight × weight; those of one cell count half.
    private final Sum pairs = new Sum();
    private final Sum tied = new Sum();
    private final Sum precision = new Sum();
    private final Sum leastPrecision = new Sum();
    private final Sum mostPrecision = new Sum();

    private Ranking(boolean binned) {
        this.binned = binned;
    }

    static Ranking of(ScoreStore store) {
        Ranking ranking = new Ranking(store.binned());
        store.sweep(false, ranking);
        return ranking;
    }

    @Override
    public void cell(double positive, double negative, double predicted, long rows) {
        double above = positives + negatives;
        pairs.add(negative * (positives + positive / 2));
        if (positive > 0) {
            if (binned) {
                tied.add(negative * positive);
                // Any threshold within the cell lets in 0 to `negative` and up to `positive` more.
                leastPrecision.add(positives == 0 ? 0 : positive * positives / (above + negative));
                mostPrecision.add(positive * (positives + positive) / (above + positive));
            }
            precision.add(positive * (positives + positive) / (above + positive + negative));
        }
        positives += positive;
        negatives += negative;
    }

    double positives() {
        return positives;
    }

    double negatives() {
        return negatives;
    }

    Optional<String> aucUndefined() {
        return Classes.needBoth("an area under the ROC curve", positives, negatives);
    }

    Optional<String> precisionUndefined() {
        return Classes.needPositive("an average precision", positives, negatives);
    }

    double auc() {
        return pairs.value() / (positives * negatives);
    }

    /** The exact area lies at most this far from {@link #auc()}: of the pairs in one bin, each counts 0, half or 1. */
    double aucErrorBound() {
        return tied.value() / 2 / (positives * negatives);
    }

    double averagePrecision() {
        return precision.value() / positives;
    }

    double precisionErrorBound() {
        if (!binned) {
            return 0;
        }
        double value = precision.value();
        return Math.max(mostPrecision.value() - value, value - leastPrecision.value()) / positives;
    }
}
