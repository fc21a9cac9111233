package dev.marquee.measure;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/**
 * Ids as in click logs, drawn in advance: by Zipf's law in each field, ranks being scattered over the table.
 * There are several batches, so that a step does not find the rows of the last one in the processor's cache.
 */
final class ClickBatches {
    static final int FIELDS = 26;
    static final int BATCHES = 32;
    static final double EXPONENT = Zipf.EXPONENT;
    /** A prime: multiplying by it, modulo anything smaller, changes the order only. */
    static final long SCATTER = 2_147_483_647L;

    private final List<Tensor> ids = new ArrayList<>();
    private int next;

    /**
     * Draws.
     *
     * @param batch rows of a batch
     * @param idsPerField different ids in each field, padding not counted
     * @param arena owns the batches
     * @param seed of the draw
     */
    ClickBatches(int batch, int idsPerField, Arena arena, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < BATCHES; i++) {
            Tensor tensor = arena.keep(Tensors.empty(DType.INT32, batch, FIELDS));
            IntBuffer values = Tensors.bytes(tensor).asIntBuffer();
            while (values.hasRemaining()) {
                values.put(1 + (int) (Zipf.rank(random.nextDouble(), idsPerField) * SCATTER % idsPerField));
            }
            ids.add(tensor);
        }
    }

    /** The next batch, {@code [batch, 26]} int32; after the last the first again. */
    Tensor next() {
        next = (next + 1) % BATCHES;
        return ids.get(next);
    }
}
