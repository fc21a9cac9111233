package dev.marquee.nn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Linear maps {@code fc1}, {@code fc2}, … with, after each but the last, a norm ({@code norm1}, …), an activation and
 * dropout, in this order.
 */
public final class MultilayerPerceptron {
    private final Config config;
    private final Dropout dropout;
    private final List<Layer> layers;
    /** How many of the layers a norm, an activation and dropout follow. */
    private final int hidden;

    private MultilayerPerceptron(Config config, List<Layer> layers, int hidden) {
        this.config = config;
        this.hidden = hidden;
        this.dropout = new Dropout(config.dropout());
        this.layers = layers;
    }

    /**
     * What a perceptron consists of.
     *
     * @param sizes of the input, of each hidden layer, and of the output; at least two, each at least 1
     * @param activation after each layer but the last
     * @param dropout the probability after each layer but the last, at least 0 and below 1
     * @param norm between linear map and activation
     */
    public record Config(List<Integer> sizes, Activation activation, double dropout, Norm norm) {
        /** Copies and checks. */
        public Config {
            sizes = List.copyOf(sizes);
            if (sizes.size() < 2 || sizes.stream().anyMatch(size -> size < 1)) {
                throw new IllegalArgumentException(
                        "a perceptron needs at least two sizes (input and output), each at least 1, not " + sizes);
            }
            new Dropout(dropout);
        }

        /**
         * A perceptron with ReLU, without dropout and norm.
         *
         * @param sizes of the input, of each hidden layer, and of the output
         * @return the config
         */
        public static Config of(Integer... sizes) {
            return new Config(List.of(sizes), Activation.RELU, 0, Norm.NONE);
        }
    }

    /** A linear map and the norm after it. */
    private record Layer(
            Linear linear,
            @Nullable BatchNorm batchNorm,
            @Nullable LayerNorm layerNorm) {}

    /**
     * Makes the perceptron with new parameters.
     *
     * @param path where its parameters live
     * @param config what it consists of
     * @return the perceptron
     */
    public static MultilayerPerceptron create(Parameters.Path path, Config config) {
        return create(path, config, config.sizes().size() - 2);
    }

    /**
     * Makes a perceptron whose last layer is a hidden one, too: norm, activation and dropout follow each layer.
     *
     * @param path where its parameters live
     * @param config what it consists of
     * @return the perceptron
     */
    public static MultilayerPerceptron createHidden(Parameters.Path path, Config config) {
        return create(path, config, config.sizes().size() - 1);
    }

    private static MultilayerPerceptron create(Parameters.Path path, Config config, int hidden) {
        List<Layer> layers = new ArrayList<>();
        int last = config.sizes().size() - 1;
        for (int i = 1; i <= last; i++) {
            int outputs = config.sizes().get(i);
            Linear linear =
                    Linear.create(path.child("fc" + i), config.sizes().get(i - 1), outputs, /* withBias= */ true);
            Norm norm = i <= hidden ? config.norm() : Norm.NONE;
            Parameters.Path place = path.child("norm" + i);
            layers.add(new Layer(
                    linear,
                    norm == Norm.BATCH ? BatchNorm.create(place, outputs) : null,
                    norm == Norm.LAYER ? LayerNorm.create(place, outputs) : null));
        }
        return new MultilayerPerceptron(config, layers, hidden);
    }

    /**
     * Applies the layers to the last dimension.
     *
     * @param input {@code [..., sizes[0]]}, of the parameters' type; {@code [batch, sizes[0]]} with batch norm
     * @param mode whether this is training
     * @return {@code [..., sizes[last]]}
     * @throws IllegalArgumentException when the last dimension is not {@code sizes[0]}
     */
    public Tensor forward(Tensor input, Mode mode) {
        Shapes.requireLast(input, config.sizes().get(0), "the perceptron's input");
        Tensor x = input;
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            x = layer.linear().forward(x); // [..., sizes[i + 1]]
            if (layer.batchNorm() != null) {
                x = layer.batchNorm().forward(x, mode);
            }
            if (layer.layerNorm() != null) {
                x = layer.layerNorm().forward(x);
            }
            if (i < hidden) {
                x = dropout.forward(config.activation().apply(x), mode);
            }
        }
        return x;
    }
}
