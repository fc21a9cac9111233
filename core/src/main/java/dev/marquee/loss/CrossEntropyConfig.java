package dev.marquee.loss;

import dev.marquee.config.About;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import java.util.List;

/**
 * Cross-entropy on class indices; see {@link CrossEntropy}.
 *
 * @param labelSmoothing how much of a target's probability is spread evenly over all classes
 * @param classWeights one for each class; empty for none
 * @param ignoredIndex the label of samples that do not count
 */
@Kind("cross_entropy")
public record CrossEntropyConfig(
        @About("how much of a target's probability is spread evenly over all classes") @Range(atLeast = 0, atMost = 1)
        double labelSmoothing,

        @About("a weight for each class, in order; empty for none") @Range(atLeast = 0)
        List<Double> classWeights,

        @About("the label of samples that do not count") long ignoredIndex)
        implements LossConfig {
    /** Nothing smoothed, weighted; −100 is ignored, as PyTorch does. */
    public static final CrossEntropyConfig DEFAULT = new CrossEntropyConfig(0, List.of(), -100);

    /** Validates, and copies the list. */
    public CrossEntropyConfig {
        classWeights = List.copyOf(classWeights);
        Sections.validate(CrossEntropyConfig.class, labelSmoothing, classWeights, ignoredIndex);
    }

    @Override
    public CrossEntropy create(Reduction reduction) {
        return new CrossEntropy(this, reduction);
    }
}
