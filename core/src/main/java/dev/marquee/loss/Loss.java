package dev.marquee.loss;

import org.bytedeco.pytorch.Tensor;

/** What training minimises. */
@FunctionalInterface
public interface Loss {
    /**
     * The loss of a batch.
     *
     * @param output what the model returned
     * @param target the labels
     * @return a scalar, or a loss per sample where the reduction is none
     * @throws IllegalArgumentException when shapes or types do not fit, naming those given and expected
     */
    Tensor of(Tensor output, Tensor target);
}
