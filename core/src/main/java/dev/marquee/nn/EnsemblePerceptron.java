package dev.marquee.nn;

import dev.marquee.profile.Tally;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The hidden layers of many perceptrons, its members, which share the weights of their linear maps. What member {@code i}
 * has for itself are vectors: a factor for each input, a factor for each output, and a bias.
 *
 * <pre>{@code y_i = s_i ⊙ (W (r_i ⊙ x_i)) + b_i,   then norm, activation and dropout}</pre>
 *
 * <p>The first layer's {@code r_i} are drawn from {-1, 1}, which makes the members differ from the start; all other
 * factors start at 1. Batch norm has a mean, a variance, a weight and a bias for each value of each member; the members
 * share the weight and bias of layer norm.
 *
 * <p>Parameters: {@code fc1.weight [outputs, inputs]}, {@code fc1.r [members, inputs]}, {@code fc1.s [members, outputs]},
 * {@code fc1.bias [members, outputs]}, {@code norm1.…}, and so on. Source: Gorishniy, Kotelnikov, Babenko, <em>TabM:
 * Advancing Tabular Deep Learning with Parameter-Efficient Ensembling</em>, 2024, where the last linear map, too, is each
 * member's own: {@link MemberLinear}.
 */
public final class EnsemblePerceptron {
    private final int inputs;
    private final HiddenLayers.Config config;
    private final Dropout dropout;
    private final List<Layer> layers = new ArrayList<>();

    private EnsemblePerceptron(Parameters.Path path, int inputs, HiddenLayers.Config config, int members) {
        this.inputs = inputs;
        this.config = config;
        this.dropout = new Dropout(config.dropout());
        int size = inputs;
        for (int i = 1; i <= config.sizes().size(); i++) {
            layers.add(layer(path, size, config, members, i));
            size = config.sizes().get(i - 1);
        }
    }

    private record Layer(
            Tensor weight,
            Tensor r,
            Tensor s,
            Tensor bias,
            @Nullable BatchNorm batchNorm,
            @Nullable LayerNorm layerNorm) {
        /** From {@code [batch, inputs]}, or from {@code [batch, members, inputs]}, to {@code [batch, members, outputs]}. */
        Tensor forward(Tensor x) {
            Tally.product(x, weight, weight.size(0) * (x.dim() == 2 ? r.size(0) : 1));
            return torch.addcmul(bias, x.dim() == 2 ? shared(x) : torch.linear(x.mul(r), weight), s);
        }

        /** {@code W (r_i ⊙ x) = (W diag(r_i)) x}: one product for all members, without a copy of the input for each. */
        private Tensor shared(Tensor x) {
            Tensor weights = weight.mul(r.unsqueeze(1)); // [members, outputs, inputs]
            return torch.linear(x, weights.flatten(0, 1)).view(x.size(0), r.size(0), weight.size(0));
        }
    }

    /**
     * Makes the layers with new parameters.
     *
     * @param path where they live
     * @param inputs the size of the input
     * @param config what each member consists of: at least one layer, without {@link Dice}
     * @param members how many members there are, at least 1
     * @return the layers
     * @throws IllegalArgumentException when there is no member or no layer, or with Dice
     */
    public static EnsemblePerceptron create(Parameters.Path path, int inputs, HiddenLayers.Config config, int members) {
        MemberLinear.requireMembers(members);
        if (config.sizes().isEmpty() || config.dice()) {
            throw new IllegalArgumentException(
                    "members share the weights of hidden layers without Dice: give sizes and an activation");
        }
        return new EnsemblePerceptron(path, inputs, config, members);
    }

    /**
     * The size of what a member gives.
     *
     * @return that of the last layer
     */
    public int outputs() {
        return config.outputs(inputs);
    }

    /**
     * Applies the layers.
     *
     * @param input {@code [batch, inputs]}, the same for all members, of the parameters' type
     * @param mode whether this is training
     * @return {@code [batch, members, outputs]}
     * @throws IllegalArgumentException when the last dimension is not {@code inputs}
     */
    public Tensor forward(Tensor input, Mode mode) {
        Shapes.requireLast(input, inputs, "the input of the ensemble's perceptron");
        Tensor x = input;
        for (Layer layer : layers) {
            x = layer.forward(x); // [batch, members, size of the layer]
            if (layer.batchNorm() != null) {
                x = layer.batchNorm().forward(x.flatten(1, 2), mode).view_as(x);
            }
            if (layer.layerNorm() != null) {
                x = layer.layerNorm().forward(x);
            }
            x = dropout.forward(config.activation().apply(x), mode);
        }
        return x;
    }

    private static Layer layer(
            Parameters.Path root, int inputs, HiddenLayers.Config config, int members, int position) {
        int outputs = config.sizes().get(position - 1);
        Parameters.Path path = root.child("fc" + position);
        Parameters.Path norm = root.child("norm" + position);
        return new Layer(
                path.parameter("weight", Initializer.linear(inputs), outputs, inputs),
                path.parameter(
                        "r", position == 1 ? EnsemblePerceptron::signs : Initializer.constant(1), members, inputs),
                path.parameter("s", Initializer.constant(1), members, outputs),
                path.parameter("bias", Initializer.linear(inputs), members, outputs),
                config.norm() == Norm.BATCH ? BatchNorm.create(norm, (long) members * outputs) : null,
                config.norm() == Norm.LAYER ? LayerNorm.create(norm, outputs) : null);
    }

    private static void signs(Tensor tensor) {
        Initializer.uniform(1).fill(tensor); // in [-1, 1)
        tensor.copy_(tensor.ge(new Scalar(0)));
        tensor.mul_(new Scalar(2)).sub_(new Scalar(1));
    }
}
