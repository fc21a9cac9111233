package dev.marquee.data;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What one step sees: inputs by name, and the target.
 *
 * @param inputs by name, each {@code [size, ...]}; pictures are {@code "picture"}, {@code [size, height, width]} float32
 * @param target the labels, {@code [size]}: int64 for classes
 * @param size the number of samples, at least 1
 */
public record Batch(Map<String, Tensor> inputs, Tensor target, int size) {
    /** The name of the input that holds pictures. */
    public static final String PICTURE = "picture";

    /** Copies the map. */
    public Batch {
        inputs = Map.copyOf(inputs);
    }

    /**
     * An input.
     *
     * @param name its name
     * @return the tensor
     * @throws IllegalArgumentException when the batch has no such input
     */
    public Tensor input(String name) {
        Tensor tensor = inputs.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the batch has no input \"" + name + "\", only " + inputs.keySet());
        }
        return tensor;
    }
}
