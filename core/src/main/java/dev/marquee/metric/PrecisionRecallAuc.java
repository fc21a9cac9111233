package dev.marquee.metric;

import java.util.Optional;

/**
 * The area under the precision-recall curve as average precision: over the distinct scores from the highest down,
 *
 * <pre>AP = Σ (Rᵢ − Rᵢ₋₁) Pᵢ</pre>
 *
 * with precision P and recall R of the rows down to that score. Agrees with scikit-learn's
 * {@code average_precision_score}; it is no trapezoid under the curve, which is too optimistic. Random scores give the
 * base rate. Without any label of 1 it has no value; with no label of 0 it is 1. Memory as {@link Auc}'s.
 */
public final class PrecisionRecallAuc implements BinaryMetric {
    private final RowCheck check;
    private final ScoreStore store;

    private PrecisionRecallAuc(Scale scale, ScoreStore store) {
        this.check = new RowCheck(scale);
        this.store = store;
    }

    /**
     * The exact form. Scores are any finite numbers: only their order counts.
     *
     * @return one with nothing added
     */
    public static PrecisionRecallAuc exact() {
        return new PrecisionRecallAuc(Scale.LOGIT, new ExactScores(Scale.LOGIT));
    }

    /**
     * The streaming form, with 65,536 bins of equal width over log-odds from −16 to 16.
     *
     * @param scale what the scores are
     * @return one with nothing added
     */
    public static PrecisionRecallAuc binned(Scale scale) {
        return binned(scale, BinnedScores.BINS);
    }

    /**
     * The streaming form with bins of equal width over log-odds from −16 to 16; scores beyond fall into the outermost.
     *
     * @param scale what the scores are
     * @param bins from 2 to 2²⁴; each takes 32 bytes
     * @return one with nothing added
     * @throws IllegalArgumentException when the number of bins is out of range
     */
    public static PrecisionRecallAuc binned(Scale scale, int bins) {
        return new PrecisionRecallAuc(scale, new BinnedScores(scale, bins));
    }

    @Override
    public void add(double score, double label, double weight) {
        check.next(score, label, weight);
        store.add(score, label == 1, weight);
    }

    /**
     * Adds all rows of another.
     *
     * @param other of the same form, scale and number of bins; stays as it is
     * @throws IllegalArgumentException when it is made differently
     */
    public void merge(PrecisionRecallAuc other) {
        store.merge(other.store);
        check.merge(other.check);
    }

    @Override
    public long rows() {
        return check.rows();
    }

    @Override
    public Optional<String> undefined() {
        return Ranking.of(store).precisionUndefined();
    }

    @Override
    public double value() {
        return defined().averagePrecision();
    }

    /**
     * How far the value can be from the exact one, over all orders of the rows within a bin.
     *
     * @return 0 for the exact form
     * @throws IllegalStateException where there is no value
     */
    public double errorBound() {
        return defined().precisionErrorBound();
    }

    private Ranking defined() {
        Ranking ranking = Ranking.of(store);
        Classes.require(ranking.precisionUndefined());
        return ranking;
    }
}
