package dev.marquee.tensor;

import java.nio.FloatBuffer;
import org.bytedeco.pytorch.Tensor;

/**
 * The rows of a contiguous float32 matrix in main memory, copied to and from arrays, in which the compiler can compute
 * with vector instructions: for sums of rows.
 */
public final class FloatRows {
    private final FloatBuffer memory;
    private final int width;

    private FloatRows(FloatBuffer memory, int width) {
        this.memory = memory;
        this.width = width;
    }

    /**
     * Whether a tensor has such rows.
     *
     * @param tensor any
     * @return true for contiguous float32 of less than 2 GiB
     */
    public static boolean suits(Tensor tensor) {
        return tensor.is_contiguous()
                && DType.of(tensor) == DType.FLOAT32
                && tensor.numel() <= Integer.MAX_VALUE / Float.BYTES;
    }

    /**
     * The rows of a tensor.
     *
     * @param tensor {@code [..., width]}, one that {@link #suits}
     * @return a view on its memory, valid as long as the tensor is
     */
    public static FloatRows of(Tensor tensor) {
        return new FloatRows(Tensors.bytes(tensor).asFloatBuffer(), Math.toIntExact(tensor.size(-1)));
    }

    /**
     * Copies a row.
     *
     * @param row from 0
     * @param into at least as long as a row
     */
    public void get(int row, float[] into) {
        memory.get(row * width, into, 0, width);
    }

    /**
     * Adds a row to an array.
     *
     * @param row from 0
     * @param sum what to add to
     * @param room for a row, to be overwritten
     */
    public void addTo(int row, float[] sum, float[] room) {
        memory.get(row * width, room, 0, width);
        for (int i = 0; i < width; i++) {
            sum[i] += room[i];
        }
    }

    /**
     * Overwrites a row.
     *
     * @param row from 0
     * @param values at least as long as a row
     */
    public void put(int row, float[] values) {
        memory.put(row * width, values, 0, width);
    }
}
