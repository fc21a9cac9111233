package dev.marquee.nn;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** {@link HiddenLayers} and a last linear map, {@code fc1}, {@code fc2}, … in one row. */
public final class MultilayerPerceptron {
    private final int inputs;
    private final HiddenLayers hidden;
    private final Linear last;

    private MultilayerPerceptron(int inputs, HiddenLayers hidden, Linear last) {
        this.inputs = inputs;
        this.hidden = hidden;
        this.last = last;
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

    /**
     * Makes the perceptron with new parameters.
     *
     * @param path where its parameters live
     * @param config what it consists of
     * @return the perceptron
     */
    public static MultilayerPerceptron create(Parameters.Path path, Config config) {
        List<Integer> sizes = config.sizes();
        int last = sizes.size() - 1;
        HiddenLayers hidden = HiddenLayers.create(
                path,
                sizes.get(0),
                new HiddenLayers.Config(sizes.subList(1, last), config.activation(), config.dropout(), config.norm()));
        return new MultilayerPerceptron(
                sizes.get(0),
                hidden,
                Linear.create(path.child("fc" + last), hidden.outputs(), sizes.get(last), /* withBias= */ true));
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
        Shapes.requireLast(input, inputs, "the perceptron's input");
        return hidden.forward(input, mode, last);
    }
}
