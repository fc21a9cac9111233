package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.StoredRows;
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
