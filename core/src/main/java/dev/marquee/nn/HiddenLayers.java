package dev.marquee.nn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Linear maps {@code fc1}, {@code fc2}, …, after each of them a norm ({@code norm1}, …), an activation or {@link Dice}
 * ({@code dice1}, …), and dropout, in this order: a perceptron without its last layer.
 */
public final class HiddenLayers {
    private static final Dropout NONE = new Dropout(0);

    private final Dropout dropout;
    private final Activation activation;
    private final List<Layer> layers = new ArrayList<>();
    private final int outputs;

    private HiddenLayers(Parameters.Path path, int inputs, Config config) {
        this.dropout = new Dropout(config.dropout());
        this.activation = config.activation();
        int size = inputs;
        for (int i = 1; i <= config.sizes().size(); i++) {
            int next = config.sizes().get(i - 1);
            Parameters.Path place = path.child("norm" + i);
            layers.add(new Layer(
                    Linear.create(path.child("fc" + i), size, next, /* withBias= */ true),
                    config.norm() == Norm.BATCH ? BatchNorm.create(place, next) : null,
                    config.norm() == Norm.LAYER ? LayerNorm.create(place, next) : null,
                    Nonlinearity.create(path, i, next, config.dice(), config.activation()),
                    config.norm() == Norm.NONE && !config.dice()));
            size = next;
        }
        this.outputs = size;
    }

    /**
     * What the layers consist of.
     *
     * @param sizes of the layers, each at least 1; none for the input itself
     * @param activation after each layer
     * @param dice whether {@link Dice} takes the activation's place
     * @param dropout the probability after each layer, at least 0 and below 1
     * @param norm between linear map and activation
     */
    public record Config(List<Integer> sizes, Activation activation, boolean dice, double dropout, Norm norm) {
        /** Copies and checks. */
        public Config {
            sizes = List.copyOf(sizes);
            if (sizes.stream().anyMatch(size -> size < 1)) {
                throw new IllegalArgumentException("hidden layers need sizes of at least 1, not " + sizes);
            }
            new Dropout(dropout);
        }

        /**
         * Layers without {@link Dice}.
         *
         * @param sizes of the layers, each at least 1; none for the input itself
         * @param activation after each layer
         * @param dropout the probability after each layer, at least 0 and below 1
         * @param norm between linear map and activation
         */
        public Config(List<Integer> sizes, Activation activation, double dropout, Norm norm) {
            this(sizes, activation, /* dice= */ false, dropout, norm);
        }

        /** The size of what the layers give, which is their input where there are none. */
        int outputs(int inputs) {
            return sizes.isEmpty() ? inputs : sizes.get(sizes.size() - 1);
        }
    }

    /** A linear map and what follows it; plain without a norm and Dice. */
    private record Layer(
            Linear linear,
            @Nullable BatchNorm batchNorm,
            @Nullable LayerNorm layerNorm,
            Nonlinearity nonlinearity,
            boolean plain) {}

    /**
     * Makes the layers with new parameters.
     *
     * @param path where their parameters live
     * @param inputs the size of the input
     * @param config what they consist of
     * @return the layers
     */
    public static HiddenLayers create(Parameters.Path path, int inputs, Config config) {
        return new HiddenLayers(path, inputs, config);
    }

    /**
     * The size of the last layer.
     *
     * @return that of the input where there are no layers
     */
    public int outputs() {
        return outputs;
    }

    /**
     * Applies the layers.
     *
     * @param input {@code [..., inputs]}, of the parameters' type; {@code [batch, inputs]} with batch norm or Dice
     * @param mode whether this is training
     * @return {@code [..., outputs]}
     */
    public Tensor forward(Tensor input, Mode mode) {
        return forward(input, mode, null);
    }

    /** The layers, and a linear map after them if there is one. */
    Tensor forward(Tensor input, Mode mode, @Nullable Linear last) {
        if (layers.size() < 2 || Tape.recomputing(mode) == null) {
            return forward(layers, input, mode, last);
        }
        // Parts of about as many layers as there are parts: activations of one part, and outputs of all, are in memory.
        int length = (int) Math.ceil(Math.sqrt(layers.size()));
        Tensor x = input;
        for (int from = 0; from < layers.size(); from += length) {
            List<Layer> some = layers.subList(from, Math.min(layers.size(), from + length));
            x = Recomputed.forward(List.of(x), mode, inputs -> forward(some, inputs.get(0), mode, null));
        }
        return last == null ? x : forward(List.of(), x, mode, last);
    }

    private Tensor forward(List<Layer> some, Tensor input, Mode mode, @Nullable Linear last) {
        Tape tape = Tape.recording(mode);
        if (tape != null && input.is_cpu()) {
            return direct(tape, some, input, mode, last);
        }
        Tensor x = input;
        for (Layer layer : some) {
            x = afterLinear(layer, layer.linear().forward(x), mode); // [..., size of the layer]
        }
        return last == null ? x : last.forward(x);
    }

    /** Plain layers in a row make one part of the tape; a norm or Dice belongs to the graph and ends it. */
    private Tensor direct(Tape tape, List<Layer> some, Tensor input, Mode mode, @Nullable Linear last) {
        Tensor x = input;
        List<DirectLayers.Step> steps = new ArrayList<>();
        for (Layer layer : some) {
            steps.add(
                    layer.plain()
                            ? new DirectLayers.Step(layer.linear(), activation, dropout)
                            : new DirectLayers.Step(layer.linear(), Activation.IDENTITY, NONE));
            if (!layer.plain()) {
                x = afterLinear(layer, DirectLayers.forward(tape, steps, x), mode);
                steps.clear();
            }
        }
        if (last != null) {
            steps.add(new DirectLayers.Step(last, Activation.IDENTITY, NONE));
        }
        return steps.isEmpty() ? x : DirectLayers.forward(tape, steps, x);
    }

    private Tensor afterLinear(Layer layer, Tensor input, Mode mode) {
        Tensor x = input;
        if (layer.batchNorm() != null) {
            x = layer.batchNorm().forward(x, mode);
        }
        if (layer.layerNorm() != null) {
            x = layer.layerNorm().forward(x);
        }
        return dropout.forward(layer.nonlinearity().forward(x, null, mode), mode);
    }
}
