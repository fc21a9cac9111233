package dev.marquee.metric;

import java.util.Optional;

/**
 * The log loss over the entropy of the base rate of the data evaluated:
 *
 * <pre>NE = log loss / −(b log b + (1 − b) log(1 − b)),   b = Σ w y / Σ w</pre>
 *
 * 1 is as good as giving every row the base rate, less is better, and values of data sets with different base rates can
 * be compared. From He et al. 2014, "Practical Lessons from Predicting Clicks on Ads at Facebook", section 3. Where
 * all labels are one class the entropy is 0 and there is no value. Takes constant memory.
 */
public final class NormalizedEntropy implements BinaryMetric {
    private final LogLoss loss;
    private final Sum positives = new Sum();
    private final Sum negatives = new Sum();

    /**
     * Nothing added yet.
     *
     * @param scale what the scores are
     */
    public NormalizedEntropy(Scale scale) {
        loss = new LogLoss(scale);
    }

    @Override
    public void add(double score, double label, double weight) {
        loss.add(score, label, weight);
        count(label == 1, weight);
    }

    void addChecked(double score, boolean positive, double weight) {
        loss.addChecked(score, positive, weight);
        count(positive, weight);
    }

    /**
     * Adds all rows of another.
     *
     * @param other of the same scale; stays as it is
     * @throws IllegalArgumentException when the scale differs
     */
    public void merge(NormalizedEntropy other) {
        loss.merge(other.loss);
        positives.merge(other.positives);
        negatives.merge(other.negatives);
    }

    @Override
    public long rows() {
        return loss.rows();
    }

    LogLoss loss() {
        return loss;
    }

    /**
     * The share of labels 1, by weight.
     *
     * @return from 0 to 1
     * @throws IllegalStateException when no row with a weight was added
     */
    public double baseRate() {
        Classes.require(Classes.needRows("a base rate", positives.value() + negatives.value()));
        return positives.value() / (positives.value() + negatives.value());
    }

    @Override
    public Optional<String> undefined() {
        return Classes.needBoth("a normalized entropy", positives.value(), negatives.value());
    }

    @Override
    public double value() {
        Classes.require(undefined());
        return loss.value() / Losses.entropy(positives.value(), negatives.value());
    }

    private void count(boolean positive, double weight) {
        (positive ? positives : negatives).add(weight);
    }
}
