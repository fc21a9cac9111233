package dev.marquee.metric;

import java.util.Optional;

/**
 * The area under the ROC curve: the chance that a row of label 1 has a higher score than one of label 0, ties counting
 * half, rows counting by weight:
 *
 * <pre>AUC = Σ w⁺ w⁻ (1[s⁺ &gt; s⁻] + ½ · 1[s⁺ = s⁻]) / (Σ w⁺ · Σ w⁻)</pre>
 *
 * Agrees with scikit-learn's {@code roc_auc_score}. There are two forms. {@link #exact()} keeps every row: 16 bytes
 * each (up to 32 with spare room), and 24 more a row while it sorts; at most 2³¹ rows. {@link #binned(Scale)} keeps a
 * histogram of 2 MiB whatever the number of rows, and says how far off it can be: {@link #errorBound()}.
 */
public final class Auc implements BinaryMetric {
    private final RowCheck check;
    private final ScoreStore store;

    private Auc(Scale scale, ScoreStore store) {
        this.check = new RowCheck(scale);
        this.store = store;
    }

    /**
     * The exact form. Scores are any finite numbers: only their order counts.
     *
     * @return one with nothing added
     */
    public static Auc exact() {
        return new Auc(Scale.LOGIT, new ExactScores(Scale.LOGIT));
    }

    /**
     * The streaming form, with 65,536 bins of equal width over log-odds from −16 to 16.
     *
     * @param scale what the scores are
     * @return one with nothing added
     */
    public static Auc binned(Scale scale) {
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
    public static Auc binned(Scale scale, int bins) {
        return new Auc(scale, new BinnedScores(scale, bins));
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
    public void merge(Auc other) {
        store.merge(other.store);
        check.merge(other.check);
    }

    @Override
    public long rows() {
        return check.rows();
    }

    @Override
    public Optional<String> undefined() {
        return Ranking.of(store).aucUndefined();
    }

    @Override
    public double value() {
        return defined().auc();
    }

    /**
     * How far the value can be from the exact one: half of the share of pairs that fall into one bin.
     *
     * @return 0 for the exact form
     * @throws IllegalStateException where there is no value
     */
    public double errorBound() {
        return defined().aucErrorBound();
    }

    /**
     * The ROC curve, thinned to at most 500 points.
     *
     * @return from (0, 0) to (1, 1)
     * @throws IllegalStateException where there is no value
     */
    public RocCurve curve() {
        return RocCurve.of(store);
    }

    private Ranking defined() {
        Ranking ranking = Ranking.of(store);
        Classes.require(ranking.aucUndefined());
        return ranking;
    }
}
