package dev.marquee.nn;

import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

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

    /** Whether {@link #backward} needs what the function was applied to. */
    boolean needsInput() {
        return this == GELU || this == SILU;
    }

    /**
     * The gradient of the input.
     *
     * @param gradient of the output
     * @param input what the function was applied to; null unless {@link #needsInput}
     * @param output its result
     */
    Tensor backward(Tensor gradient, @Nullable Tensor input, Tensor output) {
        return switch (this) {
            case RELU -> torch.threshold_backward(gradient, output, new Scalar(0));
            case GELU -> torch.gelu_backward(gradient, Objects.requireNonNull(input));
            case TANH -> torch.tanh_backward(gradient, output);
            case SIGMOID -> torch.sigmoid_backward(gradient, output);
            case SILU -> torch.silu_backward(gradient, Objects.requireNonNull(input));
            case LEAKY_RELU ->
                torch.leaky_relu_backward(gradient, output, new Scalar(0.01), /* self_is_result= */ true);
            case ELU ->
                torch.elu_backward(
                        gradient, new Scalar(1.0), new Scalar(1.0), new Scalar(1.0), /* is_result= */ true, output);
            case IDENTITY -> gradient;
        };
    }
}
