package dev.marquee.metric;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All measures of a click model, fed one row after the other: {@code auc}, {@code gauc}, {@code pr_auc},
 * {@code log_loss}, {@code normalized_entropy}, {@code calibration} and {@code expected_calibration_error}; what each
 * means stands at {@link Auc}, {@link GroupedAuc}, {@link PrecisionRecallAuc}, {@link LogLoss},
 * {@link NormalizedEntropy} and {@link Calibration}. A measure that has no value (all labels are one class, no groups
 * were given) is absent from {@link #values()}, and {@link #undefined()} says why.
 *
 * <p>{@link #exact(Scale)} holds 16 bytes a row, 36 with groups (twice that with spare room, and 24 more while sorting).
 * {@link #streaming(Scale)} holds 2 MiB and, with groups, at most 4,194,304 rows of sampled groups: as many rows as one
 * likes go through. Not safe for use by several threads: give each its own and merge them.
 */
public final class ClickMetrics {
    /** The names of all measures, in the order of {@link #values()}. */
    public static final List<String> NAMES = List.of(
            "auc", "gauc", "pr_auc", "log_loss", "normalized_entropy", "calibration", "expected_calibration_error");

    private static final int SAMPLED_ROWS = 1 << 22;

    private final RowCheck check;
    private final ScoreStore store;
    private final GroupedAuc grouped;
    private final NormalizedEntropy entropy;
    private final Calibration calibration;
    private boolean groupsGiven;

    private ClickMetrics(Scale scale, ScoreStore store, GroupedAuc grouped) {
        this.check = new RowCheck(scale);
        this.store = store;
        this.grouped = grouped;
        this.entropy = new NormalizedEntropy(scale);
        this.calibration = Calibration.over(scale, store);
    }

    /**
     * The exact form, which holds every row.
     *
     * @param scale what the scores are
     * @return one with nothing added
     */
    public static ClickMetrics exact(Scale scale) {
        return new ClickMetrics(scale, new ExactScores(scale), GroupedAuc.exact());
    }

    /**
     * The form for any number of rows: areas from 65,536 bins ({@link #errorBounds()} says how far off they can be),
     * grouped AUC from sampled groups, the rest exact.
     *
     * @param scale what the scores are
     * @return one with nothing added
     */
    public static ClickMetrics streaming(Scale scale) {
        return new ClickMetrics(scale, new BinnedScores(scale, BinnedScores.BINS), GroupedAuc.sampled(SAMPLED_ROWS));
    }

    /**
     * Adds a row without a group.
     *
     * @param score logit or probability
     * @param label 0 or 1
     * @param weight what the row counts for: finite, at least 0
     * @throws IllegalArgumentException naming the row (the first is row 1) and the value that is not allowed; nothing is
     *     added then
     */
    public void add(double score, double label, double weight) {
        requireGroups(false);
        check.next(score, label, weight);
        groupsGiven = false;
        addChecked(score, label == 1, weight);
    }

    /**
     * Adds a row.
     *
     * @param score logit or probability
     * @param label 0 or 1
     * @param weight what the row counts for: finite, at least 0
     * @param group any number that is the same for the rows of a group; hash strings to 64 bits
     * @throws IllegalArgumentException naming the row (the first is row 1) and the value that is not allowed; nothing is
     *     added then
     */
    public void add(double score, double label, double weight, long group) {
        requireGroups(true);
        check.next(score, label, weight);
        groupsGiven = true;
        addChecked(score, label == 1, weight);
        grouped.addChecked(score, label == 1, weight, group);
    }

    /**
     * Adds rows.
     *
     * @param scores logits or probabilities, one a row
     * @param labels 0 or 1, one a row
     * @param weights one a row; null for weights of 1
     * @param groups one a row; null for none
     * @throws IllegalArgumentException when the lengths differ, or naming the first row that is not allowed; the rows
     *     before it stay added
     */
    public void add(float[] scores, float[] labels, float @Nullable [] weights, long @Nullable [] groups) {
        if (labels.length != scores.length
                || (weights != null && weights.length != scores.length)
                || (groups != null && groups.length != scores.length)) {
            throw new IllegalArgumentException("scores, labels, weights and groups must have one length, not "
                    + scores.length + ", " + labels.length + ", " + (weights == null ? "none" : weights.length)
                    + " and " + (groups == null ? "none" : groups.length));
        }
        for (int i = 0; i < scores.length; i++) {
            double weight = weights == null ? 1 : weights[i];
            if (groups == null) {
                add(scores[i], labels[i], weight);
            } else {
                add(scores[i], labels[i], weight, groups[i]);
            }
        }
    }

    /**
     * Adds all rows of another.
     *
     * @param other of the same form and scale; stays as it is
     * @throws IllegalArgumentException when it is made differently, or one has groups and the other has not
     */
    public void merge(ClickMetrics other) {
        if (other.check.rows() == 0) {
            return;
        }
        requireGroups(other.groupsGiven);
        store.merge(other.store);
        check.merge(other.check);
        groupsGiven = other.groupsGiven;
        grouped.merge(other.grouped);
        entropy.merge(other.entropy);
        calibration.mergeSums(other.calibration);
    }

    /**
     * The number of rows added.
     *
     * @return at least 0
     */
    public long rows() {
        return check.rows();
    }

    /**
     * The measures that have a value, by name.
     *
     * @return some of {@link #NAMES}, in that order
     */
    public Map<String, Double> values() {
        return evaluate().values;
    }

    /**
     * The measures that have none, and why.
     *
     * @return a reason by name, for all of {@link #NAMES} that {@link #values()} lacks
     */
    public Map<String, String> undefined() {
        return evaluate().reasons;
    }

    /**
     * How far {@code auc} and {@code pr_auc} can be from their exact values.
     *
     * @return a distance by name, 0 in the exact form; absent where the measure is
     */
    public Map<String, Double> errorBounds() {
        Ranking ranking = Ranking.of(store);
        Evaluation bounds = new Evaluation();
        bounds.put("auc", ranking.aucUndefined(), ranking::aucErrorBound);
        bounds.put("pr_auc", ranking.precisionUndefined(), ranking::precisionErrorBound);
        return bounds.values;
    }

    /**
     * How many groups and rows {@code gauc} counts and leaves out.
     *
     * @return empty where no groups were given
     */
    public Optional<GroupedAuc.Summary> groups() {
        return groupsGiven ? Optional.of(grouped.summary()) : Optional.empty();
    }

    /**
     * The share of labels 1, by weight.
     *
     * @return from 0 to 1; empty where no row with a weight was added
     */
    public OptionalDouble baseRate() {
        return store.weight() > 0 ? OptionalDouble.of(entropy.baseRate()) : OptionalDouble.empty();
    }

    /**
     * The ROC curve, thinned to at most 500 points.
     *
     * @return from (0, 0) to (1, 1)
     * @throws IllegalStateException where {@code auc} has no value
     */
    public RocCurve rocCurve() {
        return RocCurve.of(store);
    }

    /**
     * The reliability diagram in 20 bins of equal weight.
     *
     * @return from the lowest scores to the highest; none where nothing was added
     */
    public List<CalibrationBin> calibrationBins() {
        return calibration.bins();
    }

    private void addChecked(double score, boolean positive, double weight) {
        store.add(score, positive, weight);
        entropy.addChecked(score, positive, weight);
        calibration.addChecked(score, positive, weight);
    }

    private void requireGroups(boolean given) {
        if (check.rows() > 0 && groupsGiven != given) {
            throw new IllegalArgumentException("row " + (check.rows() + 1) + " has " + (given ? "a" : "no")
                    + " group, and the rows before have " + (given ? "none" : "one")
                    + ": give a group with every row or with none");
        }
    }

    private Evaluation evaluate() {
        Evaluation all = new Evaluation();
        Ranking ranking = Ranking.of(store);
        all.put("auc", ranking.aucUndefined(), ranking::auc);
        Optional<String> noGroups = groupsGiven ? grouped.undefined() : Optional.of("no groups were given");
        all.put("gauc", noGroups, grouped::value);
        all.put("pr_auc", ranking.precisionUndefined(), ranking::averagePrecision);
        all.put("log_loss", entropy.loss().undefined(), entropy.loss()::value);
        all.put("normalized_entropy", entropy.undefined(), entropy::value);
        all.put("calibration", calibration.undefined(), calibration::value);
        all.put("expected_calibration_error", calibration.expectedErrorUndefined(), calibration::expectedError);
        return all;
    }

    /** Values and reasons in the order in which they are put; what callers see of them does not change. */
    private static final class Evaluation {
        private final Map<String, Double> written = new LinkedHashMap<>();
        private final Map<String, String> unwritten = new LinkedHashMap<>();
        private final Map<String, Double> values = Collections.unmodifiableMap(written);
        private final Map<String, String> reasons = Collections.unmodifiableMap(unwritten);

        void put(String name, Optional<String> undefined, DoubleSupplier value) {
            if (undefined.isPresent()) {
                unwritten.put(name, undefined.get());
            } else {
                written.put(name, value.getAsDouble());
            }
        }
    }
}
