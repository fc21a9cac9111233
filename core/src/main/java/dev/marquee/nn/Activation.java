package dev.marquee.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What stands between two linear maps, element by element. Each agrees with PyTorch's function of that name. */
public enum Activation {
    /** {@code max(x, 0)}: {@code torch.relu}. */
    RELU,
    /** {@code x Φ(x)} with the exact normal distribution Φ: {@code torch.nn.functional.gelu}. */
    GELU,
    /** {@code torch.tanh}. */
    TANH,
    /** {@code 1 / (1 + exp(-x))}: {@code torch.sigmoid}. */
    SIGMOID,
    /** {@code x sigmoid(x)}: {@code torch.nn.functional.silu}. */
    SILU,
    /** {@code x} above zero and {@code 0.01 x} below: {@code torch.nn.functional.leaky_relu}. */
    LEAKY_RELU,
    /** {@code x} above zero and {@code exp(x) - 1} below: {@code torch.nn.functional.elu}. */
    ELU,
    /** {@code x}: {@code torch.nn.Identity}. */
    IDENTITY;

    /**
     * Applies the function.
     *
     * @param input any shape, floating-point
     * @return the same shape
     */
    public Tensor apply(Tensor input) {
        return switch (this) {
            case RELU -> torch.relu(input);
            case GELU -> torch.gelu(input);
            case TANH -> torch.tanh(input);
            case SIGMOID -> torch.sigmoid(input);
            case SILU -> torch.silu(input);
            case LEAKY_RELU -> torch.leaky_relu(input);
            case ELU -> torch.elu(input);
            case IDENTITY -> input;
        };
    }
}
