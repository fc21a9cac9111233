package dev.marquee.nn;

import dev.marquee.profile.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The cross network of DCN-V2: every layer multiplies the input by a linear map of what the layer before gave, so that
 * {@code l} layers hold products of up to {@code l + 1} inputs.
 *
 * <pre>{@code
 * full             x_{l+1} = x_0 ⊙ (W x_l + b) + x_l
 * low rank         x_{l+1} = x_0 ⊙ (U (Vᵀ x_l) + b) + x_l
 * many experts     x_{l+1} = Σ_i G_i(x_l) E_i(x_l) + x_l,   E_i(x) = x_0 ⊙ (U_i g(C_i g(V_iᵀ x)) + b)
 * }</pre>
 *
 * <p>where ⊙ is the product element by element, {@code U} and {@code V} are {@code [inputs, rank]}, {@code C_i} is {@code
 * [rank, rank]}, {@code G} the softmax of a linear map without bias, and {@code g} is tanh. Without layers it returns its
 * input.
 *
 * <p>Parameters: {@code cross1.bias [inputs]} and {@code cross1.weight [inputs, inputs]}; or {@code cross1.U} and {@code
 * cross1.V [inputs, rank]}; or, with experts, {@code cross1.U} and {@code cross1.V [experts, inputs, rank]}, {@code
 * cross1.C [experts, rank, rank]} and {@code cross1.gate [experts, inputs]}; and so on. Biases start at zero. Source: Wang
 * et al., <em>DCN V2: Improved Deep &amp; Cross Network and Practical Lessons for Web-scale Learning to Rank Systems</em>,
 * 2021, equations 1 to 4.
 */
public final class CrossNetwork {
    private final Config config;
    private final List<Layer> layers = new ArrayList<>();

    private CrossNetwork(Parameters.Path path, Config config) {
        this.config = config;
        for (int i = 1; i <= config.layers(); i++) {
            layers.add(layer(path.child("cross" + i), config));
        }
    }

    /**
     * Sizes.
     *
     * @param inputs the size of the input and of the output, at least 1
     * @param layers the number of layers, at least 0
     * @param rank that of the low-rank maps, at least 1; empty for full ones
     * @param experts the number of low-rank maps a layer mixes, at least 1; full maps have one
     */
    public record Config(int inputs, int layers, OptionalInt rank, int experts) {
        /** Checks. */
        public Config {
            if (inputs < 1 || layers < 0 || rank.orElse(1) < 1 || experts < 1) {
                throw new IllegalArgumentException("a cross network needs at least 1 input, 0 layers, a rank of 1 and 1"
                        + " expert, not " + inputs + " inputs, " + layers + " layers, "
                        + (rank.isPresent() ? "a rank of " + rank.getAsInt() : "full rank") + " and " + experts
                        + " experts");
            }
            if (rank.isEmpty() && experts > 1) {
                throw new IllegalArgumentException(
                        "the " + experts + " experts of a cross network are low-rank maps: give their rank");
            }
        }
    }

    /** One layer: {@code x_{l+1}} from {@code x_0} and {@code x_l}, all {@code [batch, inputs]}. */
    private interface Layer {
        Tensor forward(Tensor x0, Tensor x);
    }

    /**
     * Makes the network with new parameters.
     *
     * @param path where its parameters live
     * @param config its sizes
     * @return the network
     */
    public static CrossNetwork create(Parameters.Path path, Config config) {
        return new CrossNetwork(path, config);
    }

    /**
     * Applies the layers.
     *
     * @param input {@code [batch, inputs]}, of the parameters' type
     * @return {@code [batch, inputs]}
     * @throws IllegalArgumentException when the last dimension is not {@code inputs}
     */
    public Tensor forward(Tensor input) {
        Shapes.requireLast(input, config.inputs(), "the cross network's input");
        Tensor x = input;
        for (Layer layer : layers) {
            x = layer.forward(input, x);
        }
        return x;
    }

    private static Layer layer(Parameters.Path path, Config config) {
        int inputs = config.inputs();
        Tensor bias = path.parameter("bias", Initializer.constant(0), inputs);
        if (config.rank().isEmpty()) {
            return new Full(path.parameter("weight", Initializer.linear(inputs), inputs, inputs), bias);
        }
        int rank = config.rank().getAsInt();
        int experts = config.experts();
        if (experts == 1) {
            return new LowRank(
                    path.parameter("U", Initializer.linear(rank), inputs, rank),
                    path.parameter("V", Initializer.linear(inputs), inputs, rank),
                    bias);
        }
        return new Experts(
                path.parameter("U", Initializer.linear(rank), experts, inputs, rank),
                path.parameter("V", Initializer.linear(inputs), experts, inputs, rank),
                path.parameter("C", Initializer.linear(rank), experts, rank, rank),
                path.parameter("gate", Initializer.linear(inputs), experts, inputs),
                bias);
    }

    private record Full(Tensor weight, Tensor bias) implements Layer {
        @Override
        public Tensor forward(Tensor x0, Tensor x) {
            Tally.linear(x, weight);
            return torch.addcmul(x, x0, torch.linear(x, weight, bias));
        }
    }

    private record LowRank(Tensor u, Tensor v, Tensor bias) implements Layer {
        @Override
        public Tensor forward(Tensor x0, Tensor x) {
            Tensor small = torch.matmul(x, v); // [batch, rank]
            Tally.product(x, v, v.size(1));
            Tally.linear(small, u);
            return torch.addcmul(x, x0, torch.linear(small, u, bias));
        }
    }

    private record Experts(Tensor u, Tensor v, Tensor c, Tensor gate, Tensor bias) implements Layer {
        @Override
        public Tensor forward(Tensor x0, Tensor x) {
            Tensor small = torch.tanh(torch.matmul(x, v)); // [experts, batch, rank]
            Tensor mixed = torch.tanh(torch.matmul(small, c.transpose(1, 2))); // [experts, batch, rank]
            Tensor weights = torch.softmax(torch.linear(x, gate), 1); // [batch, experts]
            // The gates sum to 1, so the bias and the product with x_0 come after the sum over experts.
            Tensor gated = mixed.mul(weights.t().unsqueeze(2)); // [experts, batch, rank]
            Tensor sum = torch.matmul(gated, u.transpose(1, 2)).sum(0); // [batch, inputs]
            Tally.product(x, v, v.size(0) * v.size(2));
            Tally.product(small, c, c.size(1));
            Tally.linear(x, gate);
            Tally.product(gated, u, u.size(1));
            return torch.addcmul(x, x0, sum.add(bias));
        }
    }
}
