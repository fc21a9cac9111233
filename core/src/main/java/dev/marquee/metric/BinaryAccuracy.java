package dev.marquee.metric;

import java.util.Optional;

/**
 * The share of rows, by weight, whose probability is at least ½ exactly where the label is 1. Of little use for rare
 * clicks: always predicting 0 scores one minus the base rate. Takes constant memory.
 */
public final class BinaryAccuracy implements BinaryMetric {
    private final RowCheck check;
    private final double threshold;
    private final Sum correct = new Sum();
    private final Sum weight = new Sum();

    /**
     * Nothing added yet.
     *
     * @param scale what the scores are
     */
    public BinaryAccuracy(Scale scale) {
        check = new RowCheck(scale);
        threshold = scale == Scale.LOGIT ? 0 : 0.5;
    }

    @Override
    public void add(double score, double label, double weight) {
        check.next(score, label, weight);
        if ((score >= threshold) == (label == 1)) {
            correct.add(weight);
        }
        this.weight.add(weight);
    }

    /**
     * Adds all rows of another.
     *
     * @param other of the same scale; stays as it is
     * @throws IllegalArgumentException when the scale differs
     */
    public void merge(BinaryAccuracy other) {
        check.merge(other.check);
        correct.merge(other.correct);
        weight.merge(other.weight);
    }

    @Override
    public long rows() {
        return check.rows();
    }

    @Override
    public Optional<String> undefined() {
        return Classes.needRows("an accuracy", weight.value());
    }

    @Override
    public double value() {
        Classes.require(undefined());
        return correct.value() / weight.value();
    }
}
