package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Numbers;
import dev.marquee.tensor.Ranges;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.StoredRows;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The rows of embedding tables of one width, in memory.
 *
 * @param values {@code [rows, width]}, of the type that they are kept as
 * @param scales what int8 is multiplied with, {@code [rows]} bfloat16; null for other types
 * @param type what they are computed with
 */
record TableRows(Tensor values, @Nullable Tensor scales, DType type) {
    private static final int ROWS_WORTH_A_THREAD = 4096;

    /** Some rows, each as numbers of the type computed with: {@code [rows, width]}, in the open scope. */
    Tensor gather(Tensor rows) {
        Tensor kept = values.index_select(0, rows);
        if (DType.of(values) == type) {
            return kept;
        }
        Tensor numbers = kept.to(type.scalarType());
        return scales == null
                ? numbers
                : numbers.mul_(
                        scales.index_select(0, rows).to(type.scalarType()).unsqueeze(1));
    }

    /** Likewise, where some are rows of growing tables. */
    Tensor gather(DistinctIds ids, RowPool grown) {
        Tensor weight = values;
        int width = Math.toIntExact(weight.size(1));
        long fixedRows = weight.size(0);
        Tensor rows = Tensors.empty(type, ids.count(), width);
        try (Scope scope = Scope.open()) {
            Numbers into = Numbers.of(rows);
            Numbers fixed = Numbers.of(weight);
            Numbers pooled = grown.values().numbers();
            IntBuffer which = Tensors.bytes(ids.rows()).asIntBuffer();
            Ranges.split(0, ids.count(), ROWS_WORTH_A_THREAD, (from, to) -> {
                for (int i = from; i < to; i++) {
                    long row = which.get(i);
                    boolean isFixed = row < fixedRows;
                    Numbers source = isFixed ? fixed : pooled;
                    long at = (isFixed ? row : row - fixedRows) * width;
                    for (int k = 0; k < width; k++) {
                        into.set((long) i * width + k, source.get(at + k));
                    }
                }
            });
        }
        return rows;
    }

    /** All rows, to be read and written one by one as floats; absent where they are computed with as another type. */
    Optional<StoredRows> stored() {
        if (type != DType.FLOAT32) {
            return Optional.empty();
        }
        return Optional.of(scales == null ? StoredRows.of(values) : StoredRows.of(values, scales));
    }

    /** Whether an update is rounded to fewer bits than it is computed with. */
    boolean areRounded() {
        return DType.of(values) != type;
    }
}
