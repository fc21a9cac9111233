package dev.marquee.metric;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A measure of scores for a label of two classes, fed one row after the other. Rows of weight 0 count as rows, and for
 * nothing else. Not safe for use by several threads: give each its own and merge them.
 */
public sealed interface BinaryMetric
        permits Auc, PrecisionRecallAuc, LogLoss, NormalizedEntropy, Calibration, BinaryAccuracy {
    /**
     * Adds a row.
     *
     * @param score what the model gave
     * @param label 0 or 1
     * @param weight what the row counts for: finite, at least 0
     * @throws IllegalArgumentException naming the row (the first that was added is row 1) and the value that is not
     *     allowed; nothing is added then
     */
    void add(double score, double label, double weight);

    /**
     * Adds a row of weight 1.
     *
     * @param score what the model gave
     * @param label 0 or 1
     * @throws IllegalArgumentException naming the row and the value that is not allowed
     */
    default void add(double score, double label) {
        add(score, label, 1);
    }

    /**
     * Adds rows.
     *
     * @param scores one a row
     * @param labels one a row, 0 or 1
     * @param weights one a row; null for weights of 1
     * @throws IllegalArgumentException when the lengths differ, or naming the first row that is not allowed; the rows
     *     before it stay added
     */
    default void add(float[] scores, float[] labels, float @Nullable [] weights) {
        if (labels.length != scores.length || (weights != null && weights.length != scores.length)) {
            throw new IllegalArgumentException("scores, labels and weights must have one length, not " + scores.length
                    + ", " + labels.length + " and " + (weights == null ? "none" : weights.length));
        }
        for (int i = 0; i < scores.length; i++) {
            add(scores[i], labels[i], weights == null ? 1 : weights[i]);
        }
    }

    /**
     * The number of rows added.
     *
     * @return at least 0
     */
    long rows();

    /**
     * Why there is no value, such as when all labels are one class.
     *
     * @return the reason; empty where {@link #value()} has one
     */
    Optional<String> undefined();

    /**
     * The measure of all that was added.
     *
     * @return a finite number
     * @throws IllegalStateException with the reason of {@link #undefined()} where there is no value
     */
    double value();
}
