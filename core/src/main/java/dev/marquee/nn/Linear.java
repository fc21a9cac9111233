package dev.marquee.nn;

import dev.marquee.profile.Tally;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A linear map with an optional bias: {@code y = x Wᵀ + b}. Agrees with {@code torch.nn.Linear}, in the layout of its
 * parameters ({@code weight [outputs, inputs]}, {@code bias [outputs]}) and their initial distributions.
 */
public final class Linear {
    private final long inputs;
    private final Tensor weight;
    private final @Nullable Tensor bias;

    private Linear(long inputs, Tensor weight, @Nullable Tensor bias) {
        this.inputs = inputs;
        this.weight = weight;
        this.bias = bias;
    }

    /**
     * Makes the map with new parameters.
     *
     * @param path where its parameters live
     * @param inputs the size of the input's last dimension, at least 1
     * @param outputs the size of the output's last dimension, at least 1
     * @param withBias whether there is a bias
     * @return the layer
     * @throws IllegalArgumentException when a size is not positive
     */
    public static Linear create(Parameters.Path path, long inputs, long outputs, boolean withBias) {
        return create(path, inputs, outputs, withBias ? Initializer.linear(inputs) : null);
    }

    /**
     * Makes the map with new parameters, its bias with given first values.
     *
     * @param path where its parameters live
     * @param inputs the size of the input's last dimension, at least 1
     * @param outputs the size of the output's last dimension, at least 1
     * @param firstBias the first values of the bias; null for none
     * @return the layer
     * @throws IllegalArgumentException when a size is not positive
     */
    public static Linear create(Parameters.Path path, long inputs, long outputs, @Nullable Initializer firstBias) {
        if (inputs < 1 || outputs < 1) {
            throw new IllegalArgumentException(
                    "a linear map needs positive sizes, not " + inputs + " inputs and " + outputs + " outputs");
        }
        Tensor weight = path.parameter("weight", Initializer.linear(inputs), outputs, inputs);
        Tensor bias = firstBias == null ? null : path.parameter("bias", firstBias, outputs);
        return new Linear(inputs, weight, bias);
    }

    /**
     * Applies the map to the last dimension.
     *
     * @param input {@code [..., inputs]}, of the parameters' type
     * @return {@code [..., outputs]}
     * @throws IllegalArgumentException when the last dimension is not {@code inputs}
     */
    public Tensor forward(Tensor input) {
        Shapes.requireLast(input, inputs, "the linear map's input");
        Tally.linear(input, weight);
        if (!GradMode.is_enabled() && Tape.mayFuse() && weight.is_cpu()) {
            return DirectLayers.withoutGradients(input, this);
        }
        return bias == null ? torch.linear(input, weight) : torch.linear(input, weight, bias);
    }

    /**
     * The weight.
     *
     * @return {@code [outputs, inputs]}
     */
    public Tensor weight() {
        return weight;
    }

    /** The bias, {@code [outputs]}, if there is one. */
    @Nullable
    Tensor bias() {
        return bias;
    }
}
