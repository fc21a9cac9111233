package dev.marquee.data;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one batch of pictures, with the two batches that may be made of it: a full one and the last, partial
 * one.
 */
final class Slot {
    private final FloatBuffer pictures;
    private final LongBuffer targets;
    private final Batch full;
    private final @Nullable Batch partial;

    Slot(Arena arena, int capacity, int rest, int height, int width) {
        Tensor picture = arena.keep(Tensors.empty(DType.FLOAT32, capacity, height, width));
        Tensor target = arena.keep(Tensors.empty(DType.INT64, capacity));
        pictures = Tensors.bytes(picture).asFloatBuffer();
        targets = Tensors.bytes(target).asLongBuffer();
        full = new Batch(Map.of(Batch.PICTURE, picture), target, capacity);
        partial = rest == 0
                ? null
                : new Batch(
                        Map.of(Batch.PICTURE, arena.keep(picture.narrow(0, 0, rest))),
                        arena.keep(target.narrow(0, 0, rest)),
                        rest);
    }

    FloatBuffer pictures() {
        return pictures;
    }

    LongBuffer targets() {
        return targets;
    }

    Batch batch(int size) {
        return partial != null && size == partial.size() ? partial : full;
    }
}
