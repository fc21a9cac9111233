package dev.marquee.metric;

import java.util.Optional;

/**
 * The mean negative log likelihood in nats, also called binary cross-entropy:
 *
 * <pre>log loss = −Σ w (y log p + (1 − y) log(1 − p)) / Σ w</pre>
 *
 * From logits it is worked out as max(±z, 0) + log(1 + e<sup>−|z|</sup>), which is exact for logits of any size.
 * Probabilities are clipped to [2⁻⁵², 1 − 2⁻⁵²], so that a row given 0 or 1 wrongly costs 36.04, not infinity. Agrees
 * with scikit-learn's {@code log_loss} of float64 probabilities. Sums are compensated: the error does not grow with the
 * number of rows. Takes constant memory.
 */
public final class LogLoss implements BinaryMetric {
    private final RowCheck check;
    private final Sum loss = new Sum();
    private final Sum weight = new Sum();

    /**
     * Nothing added yet.
     *
     * @param scale what the scores are
     */
    public LogLoss(Scale scale) {
        check = new RowCheck(scale);
    }

    @Override
    public void add(double score, double label, double weight) {
        check.next(score, label, weight);
        addChecked(score, label == 1, weight);
    }

    void addChecked(double score, boolean positive, double weight) {
        loss.add(weight * Losses.of(check.scale(), score, positive));
        this.weight.add(weight);
    }

    /**
     * Adds all rows of another.
     *
     * @param other of the same scale; stays as it is
     * @throws IllegalArgumentException when the scale differs
     */
    public void merge(LogLoss other) {
        check.merge(other.check);
        loss.merge(other.loss);
        weight.merge(other.weight);
    }

    @Override
    public long rows() {
        return check.rows();
    }

    @Override
    public Optional<String> undefined() {
        return Classes.needRows("a log loss", weight.value());
    }

    @Override
    public double value() {
        Classes.require(undefined());
        return loss.value() / weight.value();
    }
}
