package dev.marquee.loss;

import dev.marquee.config.About;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import java.util.List;

/**
 * Binary cross-entropy on logits; see {@link BinaryCrossEntropy}.
 *
 * @param positiveWeights what a positive label counts for: one number, or one for each column; empty for 1
 */
@Kind("binary_cross_entropy")
public record BinaryCrossEntropyConfig(
        @About("what a positive label counts for: one number, or one for each column; empty for 1") @Range(atLeast = 0)
        List<Double> positiveWeights)
        implements LossConfig {
    /** Positive and negative labels count alike. */
    public static final BinaryCrossEntropyConfig DEFAULT = new BinaryCrossEntropyConfig(List.of());

    /** Validates, and copies the list. */
    public BinaryCrossEntropyConfig {
        positiveWeights = List.copyOf(positiveWeights);
        Sections.validate(BinaryCrossEntropyConfig.class, positiveWeights);
    }

    @Override
    public BinaryCrossEntropy create(Reduction reduction) {
        return new BinaryCrossEntropy(this, reduction);
    }
}
