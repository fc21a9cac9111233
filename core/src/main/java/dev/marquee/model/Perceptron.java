package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.Mode;
import dev.marquee.nn.MultilayerPerceptron;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/** A {@link MultilayerPerceptron} on flattened pictures. */
public final class Perceptron implements Model {
    private final long inputs;
    private final MultilayerPerceptron layers;
    private final Head head;

    private Perceptron(long inputs, MultilayerPerceptron layers, Head head) {
        this.inputs = inputs;
        this.layers = layers;
        this.head = head;
    }

    /**
     * Builds the network with new parameters, {@code fc1.weight}, {@code fc1.bias} and so on.
     *
     * @param path where its parameters live
     * @param config what it consists of
     * @return the network
     */
    public static Perceptron create(Parameters.Path path, PerceptronConfig config) {
        return new Perceptron(config.sizes().get(0), MultilayerPerceptron.create(path, config.layers()), config.head());
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        return forward(batch.input(Batch.PICTURE), mode);
    }

    /**
     * Computes the outputs of samples, each flattened by a view.
     *
     * @param input {@code [batch, ...]} with {@code sizes[0]} values a sample, such as {@code [batch, 28, 28]}
     * @param mode whether this is training
     * @return logits or probabilities, {@code [batch, sizes[last]]}
     * @throws IllegalArgumentException when a sample has another number of values
     */
    public Tensor forward(Tensor input, Mode mode) {
        if (input.dim() < 2 || input.numel() != input.size(0) * inputs) {
            throw new IllegalArgumentException("the perceptron's input must be [batch, ...] with " + inputs
                    + " values a sample, not " + Tensors.describe(input));
        }
        return head.apply(layers.forward(input.reshape(input.size(0), inputs), mode));
    }
}
