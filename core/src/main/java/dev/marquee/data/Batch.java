package dev.marquee.data;

import dev.marquee.tensor.Device;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What one step sees: inputs by name, and the target.
 *
 * <p>Pictures are {@code "picture"}, {@code [size, height, width]} float32. The rows of a log are, as their {@link
 * dev.marquee.schema.FeatureLayout} says, {@code "dense"}, {@code [size, dense size]} float32; {@code "ids"}, {@code
 * [size, fields]} int32; {@code "bag.NAME"} and {@code "sequence.NAME"}, {@code [size, length]} int32, filled up with
 * {@link dev.marquee.schema.Ids#PADDING} at the end of each row, the length being that of the longest row of the batch,
 * at least 1. In evaluation a bag or a sequence that all samples share may stand there once, {@code [1, length]}.
 *
 * @param inputs by name, each {@code [size, ...]}
 * @param target the labels: {@code [size]} int64 for classes, {@code [size, labels]} float32 for the rows of a log, NaN
 *     where a label is unknown
 * @param size the number of samples, at least 1; 0 where a {@link Share} of a batch has none
 * @param weights what the samples count for, {@code [size]} float32; null when all count the same
 * @param groups the groups of the samples, one each; null when there are none; not to be changed
 * @param times when the samples happened, one each, in an order that agrees with time; null when they are not known; not
 *     to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // one array a batch, handed on as it is; records are not compared
public record Batch(
        Map<String, Tensor> inputs,
        Tensor target,
        int size,
        @Nullable Tensor weights,
        long @Nullable [] groups,
        long @Nullable [] times) {
    /** The name of the input that holds pictures. */
    public static final String PICTURE = "picture";
    /** The name of the input that holds numbers. */
    public static final String DENSE = "dense";
    /** The name of the input that holds categorical ids. */
    public static final String IDS = "ids";
    /** What the names of inputs that hold bags begin with. */
    public static final String BAG = "bag.";
    /** What the names of inputs that hold sequences begin with. */
    public static final String SEQUENCE = "sequence.";

    /**
     * What the names of inputs begin with that hold the rows of another input's ids, where growing tables have given them
     * their rows already: {@code "rows.ids"}.
     */
    public static final String ROWS = "rows.";

    /** Copies the map. */
    public Batch {
        inputs = Map.copyOf(inputs);
    }

    /**
     * Samples that count the same, without groups.
     *
     * @param inputs by name
     * @param target the labels
     * @param size the number of samples
     */
    public Batch(Map<String, Tensor> inputs, Tensor target, int size) {
        this(inputs, target, size, null, null, null);
    }

    /**
     * Samples without times.
     *
     * @param inputs by name
     * @param target the labels
     * @param size the number of samples
     * @param weights what the samples count for
     * @param groups the groups of the samples
     */
    public Batch(
            Map<String, Tensor> inputs, Tensor target, int size, @Nullable Tensor weights, long @Nullable [] groups) {
        this(inputs, target, size, weights, groups, null);
    }

    /**
     * Some of the samples.
     *
     * @param from the first, at least 0
     * @param end after the last, at most {@code size}, above {@code from}
     * @return views, in the open scope
     */
    public Batch part(int from, int end) {
        if (from == 0 && end == size) {
            return this;
        }
        Map<String, Tensor> parts = new HashMap<>();
        inputs.forEach((name, tensor) -> parts.put(name, tensor.narrow(0, from, (long) end - from)));
        return new Batch(
                parts,
                target.narrow(0, from, (long) end - from),
                end - from,
                weights == null ? null : weights.narrow(0, from, (long) end - from),
                groups == null ? null : Arrays.copyOfRange(groups, from, end),
                times == null ? null : Arrays.copyOfRange(times, from, end));
    }

    /**
     * The same samples, with the numbers that a network reads on a device. Ids stay in main memory, where embedding tables
     * are; so do labels and weights, which the loss copies.
     *
     * @param device where the network computes
     * @return this batch on the processor; else a batch with copies, in the open scope
     */
    public Batch on(Device device) {
        if (device.isCpu()) {
            return this;
        }
        Map<String, Tensor> there = new HashMap<>(inputs);
        there.replaceAll((name, tensor) -> name.equals(DENSE) || name.equals(PICTURE) ? device.put(tensor) : tensor);
        return new Batch(there, target, size, weights, groups, times);
    }

    /**
     * The same samples in memory of their own, which lasts as long as the open scope.
     *
     * @return a copy
     */
    public Batch copy() {
        Map<String, Tensor> copies = new HashMap<>();
        inputs.forEach((name, tensor) -> copies.put(name, tensor.clone()));
        return new Batch(
                copies,
                target.clone(),
                size,
                weights == null ? null : weights.clone(),
                groups == null ? null : groups.clone(),
                times == null ? null : times.clone());
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
