package dev.marquee.data;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The memory of one batch of pictures, with the two batches that may be made of it: a full one and the last, partial
 * one.
 */
final class Slot {
    private final FloatBuffer pictures;
    private final LongBuffer targets;
    private final Batch full;
    private final Batch partial;

    /**
     * Allocates.
     *
     * @param size of a full batch
     * @param last of the last batch
     */
    Slot(Arena arena, int size, int last, int height, int width) {
        int capacity = Math.max(1, Math.max(size, last));
        Tensor picture = arena.keep(Tensors.empty(DType.FLOAT32, capacity, height, width));
        Tensor target = arena.keep(Tensors.empty(DType.INT64, capacity));
        pictures = Tensors.bytes(picture).asFloatBuffer();
        targets = Tensors.bytes(target).asLongBuffer();
        full = batch(arena, picture, target, size);
        partial = last == size ? full : batch(arena, picture, target, last);
    }

    FloatBuffer pictures() {
        return pictures;
    }

    LongBuffer targets() {
        return targets;
    }

    Batch batch(int size) {
        return size == partial.size() ? partial : full;
    }

    private static Batch batch(Arena arena, Tensor picture, Tensor target, int size) {
        return size == target.size(0)
                ? new Batch(Map.of(Batch.PICTURE, picture), target, size)
                : new Batch(
                        Map.of(Batch.PICTURE, arena.keep(picture.narrow(0, 0, size))),
                        arena.keep(target.narrow(0, 0, size)),
                        size);
    }
}
