package dev.marquee.nn;

import dev.marquee.tensor.Draws;
import org.bytedeco.pytorch.Tensor;

/**
 * Zeroes each value with a probability and divides the others by the rest of it, in training only. Agrees with
 * {@code torch.nn.Dropout}; draws from {@link Draws}. Source: Srivastava et al., <em>Dropout: A Simple
 * Way to Prevent Neural Networks from Overfitting</em>, 2014.
 *
 * @param probability of a zero, at least 0 and below 1
 */
public record Dropout(double probability) {
    /** Checks the probability. */
    public Dropout {
        if (!(probability >= 0 && probability < 1)) {
            throw new IllegalArgumentException("dropout must be at least 0 and below 1, not " + probability);
        }
    }

    /**
     * Drops values.
     *
     * @param input any shape, floating-point
     * @param mode whether this is training
     * @return the same shape; the input itself where nothing is dropped
     */
    public Tensor forward(Tensor input, Mode mode) {
        return mode.training() && probability > 0 ? input.mul(factors(input)) : input;
    }

    /** What each value of a tensor is multiplied with: 0 or {@code 1 / (1 - probability)}; without gradient. */
    Tensor factors(Tensor like) {
        return Draws.factors(like, 1 - probability);
    }
}
