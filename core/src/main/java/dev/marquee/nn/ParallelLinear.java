package dev.marquee.nn;

import dev.marquee.profile.Tally;
import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Several linear maps of the same sizes, {@code y_i = x_i W_iᵀ + b_i}, computed by one product. Parameters: {@code weight
 * [maps, outputs, inputs]}, {@code bias [maps, outputs]}, drawn as {@link Linear} draws them.
 */
public final class ParallelLinear {
    private final long maps;
    private final long inputs;
    private final long outputs;
    private final Tensor weight;
    private final Tensor bias;

    private ParallelLinear(Parameters.Path path, long maps, long inputs, long outputs, Initializer firstBias) {
        this.maps = maps;
        this.inputs = inputs;
        this.outputs = outputs;
        this.weight = path.parameter("weight", Initializer.linear(inputs), maps, outputs, inputs);
        this.bias = path.parameter("bias", firstBias, maps, outputs);
    }

    /**
     * Makes the maps with new parameters.
     *
     * @param path where their parameters live
     * @param maps how many there are, at least 1
     * @param inputs the size of the input's last dimension, at least 1
     * @param outputs the size of the output's last dimension, at least 1
     * @param firstBias the first values of the biases, {@code [maps, outputs]}
     * @return the maps
     * @throws IllegalArgumentException when a size is not positive
     */
    public static ParallelLinear create(
            Parameters.Path path, long maps, long inputs, long outputs, Initializer firstBias) {
        if (maps < 1 || inputs < 1 || outputs < 1) {
            throw new IllegalArgumentException("parallel linear maps need positive sizes, not " + maps + " maps, "
                    + inputs + " inputs and " + outputs + " outputs");
        }
        return new ParallelLinear(path, maps, inputs, outputs, firstBias);
    }

    /**
     * Applies the maps to the last dimension.
     *
     * @param input {@code [batch, inputs]} for all maps, or {@code [maps, batch, inputs]}, of the parameters' type
     * @return {@code [maps, batch, outputs]}
     * @throws IllegalArgumentException when the input has another shape
     */
    public Tensor forward(Tensor input) {
        if (input.dim() == 2 && input.size(1) == inputs) {
            Tally.product(input, weight, maps * outputs);
            Tensor all = torch.linear(input, weight.view(maps * outputs, inputs), bias.view(maps * outputs));
            return all.view(input.size(0), maps, outputs).transpose(0, 1);
        }
        if (input.dim() != 3 || input.size(0) != maps || input.size(2) != inputs) {
            throw new IllegalArgumentException("the input of parallel linear maps must be [batch, " + inputs + "] or ["
                    + maps + ", batch, " + inputs + "], not " + Tensors.describe(input));
        }
        Tally.product(input, weight, outputs);
        return torch.baddbmm(bias.unsqueeze(1), input, weight.transpose(1, 2));
    }
}
