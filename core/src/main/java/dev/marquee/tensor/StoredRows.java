package dev.marquee.tensor;

import org.bytedeco.pytorch.Tensor;

/**
 * The rows of a contiguous matrix in main memory, of any size, which are computed with as floats, whatever they are kept
 * as. Valid as long as the tensor is.
 */
public sealed interface StoredRows permits FloatRows, HalfRows, ByteRows {
    /**
     * Rows of floating-point numbers.
     *
     * @param values {@code [rows, width]} float32 or float16
     * @return a view on its memory
     * @throws IllegalArgumentException when the tensor is not contiguous or of another type
     */
    static StoredRows of(Tensor values) {
        return switch (DType.of(values)) {
            case FLOAT32 -> FloatRows.of(values);
            case FLOAT16 -> new HalfRows(RowPieces.of(values, Math.toIntExact(values.size(1))));
            default ->
                throw new IllegalArgumentException(
                        "rows are read from FLOAT32 or FLOAT16, not from " + Tensors.describe(values));
        };
    }

    /**
     * Rows of integers from -127 to 127, each row with a scale: {@code value = scale · integer}.
     *
     * @param values {@code [rows, width]} int8
     * @param scales {@code [rows]} bfloat16, at least 0
     * @return a view on their memory
     * @throws IllegalArgumentException when a tensor is not contiguous or of another type or size
     */
    static StoredRows of(Tensor values, Tensor scales) {
        if (DType.of(values) != DType.INT8 || DType.of(scales) != DType.BFLOAT16 || scales.numel() != values.size(0)) {
            throw new IllegalArgumentException("rows with scales are [rows, width] INT8 and [rows] BFLOAT16, not "
                    + Tensors.describe(values) + " and " + Tensors.describe(scales));
        }
        return new ByteRows(RowPieces.of(values, Math.toIntExact(values.size(1))), RowPieces.of(scales, 1));
    }

    /**
     * Reads a row.
     *
     * @param row from 0
     * @param into where to put its values
     * @param at the position of the first
     */
    void get(long row, float[] into, int at);

    /**
     * Overwrites a row. What is kept in fewer bits is rounded up or down by chance, such that it is right on average: an
     * update that is small against the distance of two numbers is made now and then, where rounding to the nearest would
     * always lose it. Finite values that are too large for the type become its largest.
     *
     * @param row from 0
     * @param from where its values are
     * @param at the position of the first
     * @param random decides together with the row; the same for the same outcome
     */
    void put(long row, float[] from, int at, long random);

    /**
     * Reads a little of a row, so that the processor has it at hand when it is read or written next.
     *
     * @param row from 0
     * @return anything, to be used somehow
     */
    float touch(long row);
}
