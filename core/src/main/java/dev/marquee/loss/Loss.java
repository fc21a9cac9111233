package dev.marquee.loss;

import org.bytedeco.pytorch.Tensor;

/** What training minimises. */
@FunctionalInterface
public interface Loss {
    /**
     * The loss of a batch.
     *
     * @param output what the model returned
     * @param target the labels, where the outputs are or in main memory
     * @return a scalar, or a loss per sample where the reduction is none
     * @throws IllegalArgumentException when shapes or types do not fit, naming those given and expected
     */
    Tensor of(Tensor output, Tensor target);

    /**
     * What the mean of a batch counts for in the mean of several batches together.
     *
     * @param target the labels
     * @return what the mean divides by: the number of elements, unless some count differently
     */
    default double weight(Tensor target) {
        return target.numel();
    }

    /**
     * The loss of a batch whose elements count differently.
     *
     * @param output what the model returned
     * @param target the labels
     * @param weights of the shape of the targets
     * @return as without weights
     * @throws IllegalArgumentException when shapes or types do not fit, or this loss has no weights
     */
    default Tensor of(Tensor output, Tensor target, Tensor weights) {
        throw new IllegalArgumentException("this loss has no weights of samples: use loss.kind=binary_cross_entropy");
    }
}
