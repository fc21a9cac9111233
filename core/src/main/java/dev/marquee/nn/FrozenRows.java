package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.BitSet;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Which of the tables that share a tensor do not learn.
 *
 * @param slices which of them, by position
 * @param ends the row after the last one of each
 * @param all whether none learns
 */
@SuppressWarnings("ArrayRecordComponent") // read by a loop; never compared
record FrozenRows(BitSet slices, long[] ends, boolean all) {
    /** Those whose names are among the given ones; null where there are none. */
    static @Nullable FrozenRows of(EmbeddingTable table, Set<String> names) {
        int count = table.slices().size();
        BitSet frozen = new BitSet();
        long[] ends = new long[count];
        long end = 0;
        for (int i = 0; i < count; i++) {
            EmbeddingTable.Slice slice = table.slices().get(i);
            end += slice.rows();
            ends[i] = end;
            frozen.set(i, names.contains(table.name() + slice.name()));
        }
        boolean all = frozen.cardinality() == count && table.pool().isEmpty();
        return frozen.isEmpty() ? null : new FrozenRows(frozen, ends, all);
    }

    /**
     * The gradients of the rows that learn, padding's among them.
     *
     * @param given of any rows
     * @return what was given where all learn; else copies, in the open scope
     */
    EmbeddingTable.RowGradient withoutThese(EmbeddingTable.RowGradient given) {
        IntBuffer rows = Tensors.bytes(given.ids().rows()).asIntBuffer();
        int[] learning = new int[rows.limit()];
        int count = 1; // that of padding is position 0
        for (int i = 1; i < learning.length; i++) {
            if (!holds(rows.get(i))) {
                learning[count++] = i;
            }
        }
        if (count == learning.length) {
            return given;
        }
        Tensor positions = Tensors.empty(DType.INT32, count);
        Tensors.bytes(positions).asIntBuffer().put(learning, 0, count);
        try (Gradients.Guard off = Gradients.off()) {
            return new EmbeddingTable.RowGradient(
                    DistinctIds.ofRows(given.ids().rows().index_select(0, positions)),
                    given.values().index_select(0, positions));
        }
    }

    private boolean holds(int row) {
        for (int i = slices.nextSetBit(0); i >= 0; i = slices.nextSetBit(i + 1)) {
            if (row < ends[i]) {
                return row >= (i == 0 ? 0 : ends[i - 1]);
            }
        }
        return false; // of a growing table, or after the last frozen one
    }
}
