package dev.marquee.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Normalises each sample over its last dimension: {@code y = (x - mean) / √(var + ε) · weight + bias} with the biased
 * variance. Agrees with {@code torch.nn.LayerNorm(size)}, parameters ({@code weight [size]} of ones,
 * {@code bias [size]} of zeros) and ε = 1e-5 included. Source: Ba, Kiros, Hinton, <em>Layer Normalization</em>, 2016.
 */
public final class LayerNorm {
    private static final double EPSILON = 1e-5;

    private final long[] shape;
    private final Tensor weight;
    private final Tensor bias;

    private LayerNorm(long size, Tensor weight, Tensor bias) {
        this.shape = new long[] {size};
        this.weight = weight;
        this.bias = bias;
    }

    /**
     * Makes the layer with new parameters.
     *
     * @param path where its parameters live
     * @param size the size of the input's last dimension, at least 1
     * @return the layer
     * @throws IllegalArgumentException when the size is not positive
     */
    public static LayerNorm create(Parameters.Path path, long size) {
        if (size < 1) {
            throw new IllegalArgumentException("layer norm needs a positive size, not " + size);
        }
        return new LayerNorm(
                size,
                path.parameter("weight", Initializer.constant(1), size),
                path.parameter("bias", Initializer.constant(0), size));
    }

    /**
     * Normalises the last dimension.
     *
     * @param input {@code [..., size]}, of the parameters' type
     * @return {@code [..., size]}
     * @throws IllegalArgumentException when the last dimension is not {@code size}
     */
    public Tensor forward(Tensor input) {
        Shapes.requireLast(input, shape[0], "the layer norm's input");
        return torch.layer_norm(
                input, shape, new TensorOptional(weight), new TensorOptional(bias), EPSILON, /* cudnn= */ true);
    }
}
