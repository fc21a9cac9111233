package dev.marquee.nn;

import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Zeroes each value with a probability and divides the others by the rest of it, in training only. Agrees with
 * {@code torch.nn.Dropout}; draws from the engine's default generator. Source: Srivastava et al., <em>Dropout: A Simple
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
        return mode.training() && probability > 0 ? torch.dropout(input, probability, true) : input;
    }

    /**
     * What {@link #forward} multiplies an input by in training, drawn from the same numbers: zeroes, and the reciprocal
     * of the probability that a value stays. Call it with gradients off.
     *
     * @param like an input, of which shape and type count only
     * @return the same shape and type
     */
    Tensor factors(Tensor like) {
        double stays = 1 - probability;
        return torch.empty_like(like).bernoulli_(stays, new GeneratorOptional()).div_(new Scalar(stays));
    }
}
