package dev.marquee.collective;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The kind of rows that an exchange moves.
 *
 * @param type the elements' type
 * @param shape of the tensors; the number of rows, in front, does not count
 */
record Rows(DType type, List<Long> shape) {
    static Rows like(Tensor sample) {
        long[] shape = Tensors.shape(sample);
        if (shape.length == 0) {
            throw new IllegalArgumentException("what is exchanged must have rows, not " + Tensors.describe(sample));
        }
        return new Rows(DType.of(sample), Arrays.stream(shape).boxed().toList());
    }

    long rowBytes() {
        return shape.stream().skip(1).reduce(1L, (a, b) -> a * b) * type.bytes();
    }

    long bytes(Tensor rows) {
        if (rows.dim() != shape.size() || DType.of(rows) != type) {
            throw new IllegalArgumentException(Tensors.describe(rows) + " among parts like " + this);
        }
        return rows.size(0) * rowBytes();
    }

    /** Rows of this kind in memory that has arrived. */
    Tensor of(Tensor bytes) {
        long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
        sizes[0] = rowBytes() == 0 ? 0 : bytes.numel() / rowBytes();
        return bytes.view(type.scalarType()).view(sizes);
    }

    @Override
    public String toString() {
        return rowBytes() + " bytes, " + type;
    }
}
