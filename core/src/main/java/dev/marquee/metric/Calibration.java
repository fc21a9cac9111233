package dev.marquee.metric;

import java.util.List;
import java.util.Optional;

/**
 * Predicted over observed: whether the probabilities have the right size.
 *
 * <pre>calibration = Σ w p / Σ w y</pre>
 *
 * 1 is right, 1.1 predicts a tenth too many clicks. As errors of different scores can cancel in it, the rows are also
 * cut by score into bins of equal weight ({@link #bins()}), and the expected calibration error is
 *
 * <pre>ECE = Σ_b (w_b / Σ w) |mean predicted_b − mean observed_b|</pre>
 *
 * The bins are filled from the highest score down; rows of one score share a bin, so that there are fewer bins where
 * many scores are equal. Where the scores are distinct and the bins divide the rows, they are those of scikit-learn's
 * {@code calibration_curve(strategy="quantile")}. The binned form cuts at the borders of its 65,536 bins of log-odds;
 * calibration itself is exact in both forms. Memory as {@link Auc}'s.
 */
public final class Calibration implements BinaryMetric {
    /** The number of bins unless given. */
    public static final int BINS = 20;

    private static final int MOST_BINS = 10_000;

    private final RowCheck check;
    private final ScoreStore store;
    private final int bins;
    private final Sum predicted = new Sum();
    private final Sum observed = new Sum();

    private Calibration(Scale scale, ScoreStore store, int bins) {
        if (bins < 1 || bins > MOST_BINS) {
            throw new IllegalArgumentException("calibration bins must be from 1 to " + MOST_BINS + ", not " + bins);
        }
        this.check = new RowCheck(scale);
        this.store = store;
        this.bins = bins;
    }

    /** Over a store that someone else fills. */
    static Calibration over(Scale scale, ScoreStore store) {
        return new Calibration(scale, store, BINS);
    }

    /**
     * The exact form with 20 bins.
     *
     * @param scale what the scores are
     * @return one with nothing added
     */
    public static Calibration exact(Scale scale) {
        return exact(scale, BINS);
    }

    /**
     * The exact form.
     *
     * @param scale what the scores are
     * @param bins at most this many bins of equal weight, from 1 to 10,000
     * @return one with nothing added
     * @throws IllegalArgumentException when the number of bins is out of range
     */
    public static Calibration exact(Scale scale, int bins) {
        return new Calibration(scale, new ExactScores(scale), bins);
    }

    /**
     * The streaming form.
     *
     * @param scale what the scores are
     * @param bins at most this many bins of equal weight, from 1 to 10,000
     * @return one with nothing added
     * @throws IllegalArgumentException when the number of bins is out of range
     */
    public static Calibration binned(Scale scale, int bins) {
        return new Calibration(scale, new BinnedScores(scale, BinnedScores.BINS), bins);
    }

    @Override
    public void add(double score, double label, double weight) {
        check.next(score, label, weight);
        store.add(score, label == 1, weight);
        addChecked(score, label == 1, weight);
    }

    /** All but the store. */
    void addChecked(double score, boolean positive, double weight) {
        predicted.add(weight * check.scale().probability(score));
        if (positive) {
            observed.add(weight);
        }
    }

    /**
     * Adds all rows of another.
     *
     * @param other of the same form and scale; stays as it is
     * @throws IllegalArgumentException when it is made differently
     */
    public void merge(Calibration other) {
        store.merge(other.store);
        check.merge(other.check);
        mergeSums(other);
    }

    void mergeSums(Calibration other) {
        predicted.merge(other.predicted);
        observed.merge(other.observed);
    }

    @Override
    public long rows() {
        return check.rows();
    }

    @Override
    public Optional<String> undefined() {
        return Classes.needPositive("calibration", observed.value(), store.weight());
    }

    @Override
    public double value() {
        Classes.require(undefined());
        return predicted.value() / observed.value();
    }

    /**
     * The reliability diagram.
     *
     * @return bins of equal weight from the lowest scores to the highest; none where nothing was added
     */
    public List<CalibrationBin> bins() {
        return List.copyOf(CalibrationBins.of(store, bins));
    }

    /**
     * Why there is no expected calibration error.
     *
     * @return the reason; empty where it has a value
     */
    public Optional<String> expectedErrorUndefined() {
        return Classes.needRows("an expected calibration error", store.weight());
    }

    /**
     * The mean distance of predicted from observed over the bins, by weight.
     *
     * @return from 0 to 1
     * @throws IllegalStateException when no row with a weight was added
     */
    public double expectedError() {
        Classes.require(expectedErrorUndefined());
        return CalibrationBins.expectedError(bins());
    }
}
