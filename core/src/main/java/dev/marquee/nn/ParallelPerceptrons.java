package dev.marquee.nn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Several perceptrons of the same sizes, such as the experts of a mixture, computed side by side: one product for each
 * layer. After every linear map, the last one included, come a norm, an activation and dropout.
 *
 * <p>Parameters: {@code fc1.weight [perceptrons, outputs, inputs]}, {@code fc1.bias [perceptrons, outputs]}, …;
 * {@code norm1.weight}, {@code norm1.bias [perceptrons, 1, outputs]} of a layer norm, or those of a {@link BatchNorm} of
 * {@code perceptrons · outputs} channels.
 */
public final class ParallelPerceptrons {
    private static final double EPSILON = 1e-5;

    private final int count;
    private final HiddenLayers.Config config;
    private final Dropout dropout;
    private final List<Layer> layers = new ArrayList<>();
    private final int outputs;

    private ParallelPerceptrons(Parameters.Path path, int count, int inputs, HiddenLayers.Config config) {
        this.count = count;
        this.config = config;
        this.dropout = new Dropout(config.dropout());
        int size = inputs;
        for (int i = 1; i <= config.sizes().size(); i++) {
            int next = config.sizes().get(i - 1);
            Parameters.Path place = path.child("norm" + i);
            layers.add(new Layer(
                    ParallelLinear.create(path.child("fc" + i), count, size, next, Initializer.linear(size)),
                    config.norm() == Norm.BATCH ? BatchNorm.create(place, (long) count * next) : null,
                    config.norm() == Norm.LAYER ? Scale.create(place, count, next) : null));
            size = next;
        }
        this.outputs = size;
    }

    /** A linear map of each perceptron and the norm after it. */
    private record Layer(
            ParallelLinear linear,
            @Nullable BatchNorm batchNorm,
            @Nullable Scale layerNorm) {}

    /** A layer norm of each perceptron, as {@link LayerNorm}. */
    private record Scale(long size, Tensor weight, Tensor bias) {
        static Scale create(Parameters.Path path, long count, long size) {
            return new Scale(
                    size,
                    path.parameter("weight", Initializer.constant(1), count, 1, size),
                    path.parameter("bias", Initializer.constant(0), count, 1, size));
        }

        Tensor forward(Tensor x) {
            Tensor normalized = torch.layer_norm(
                    x, new long[] {size}, new TensorOptional(), new TensorOptional(), EPSILON, /* cudnn= */ true);
            return normalized.mul(weight).add(bias);
        }
    }

    /**
     * Makes the perceptrons with new parameters.
     *
     * @param path where their parameters live
     * @param count how many there are, at least 1
     * @param inputs the size of the input
     * @param config what each of them consists of; without {@link Dice}
     * @return the perceptrons
     * @throws IllegalArgumentException when a size is not positive, or with Dice
     */
    public static ParallelPerceptrons create(Parameters.Path path, int count, int inputs, HiddenLayers.Config config) {
        if (config.dice()) {
            throw new IllegalArgumentException("parallel perceptrons have no Dice: choose an activation");
        }
        return new ParallelPerceptrons(path, count, inputs, config);
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
     * Applies the perceptrons.
     *
     * @param input {@code [batch, inputs]} for all of them, or {@code [perceptrons, batch, inputs]}
     * @param mode whether this is training
     * @return {@code [perceptrons, batch, outputs]}
     */
    public Tensor forward(Tensor input, Mode mode) {
        Tensor x = input;
        for (Layer layer : layers) {
            x = layer.linear().forward(x); // [perceptrons, batch, size of the layer]
            if (layer.batchNorm() != null) {
                x = normalizeBatch(layer.batchNorm(), x, mode);
            }
            if (layer.layerNorm() != null) {
                x = layer.layerNorm().forward(x);
            }
            x = dropout.forward(config.activation().apply(x), mode);
        }
        return x.dim() == 2 ? x.unsqueeze(0).expand(count, -1, -1) : x;
    }

    private Tensor normalizeBatch(BatchNorm norm, Tensor x, Mode mode) {
        Tensor channels = x.transpose(0, 1).reshape(x.size(1), count * x.size(2)); // [batch, perceptrons * size]
        return norm.forward(channels, mode).view(x.size(1), count, x.size(2)).transpose(0, 1);
    }
}
