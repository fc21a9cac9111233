package dev.marquee.tensor;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * The rows of a contiguous float32 matrix in main memory, copied to and from arrays, in which the compiler can compute
 * with vector instructions: for sums of rows, and for their updates.
 */
public final class FloatRows implements StoredRows {
    private final RowPieces memory;
    private final FloatBuffer[] pieces;
    private final int width;

    private FloatRows(RowPieces memory) {
        this.memory = memory;
        this.pieces =
                Arrays.stream(memory.pieces()).map(ByteBuffer::asFloatBuffer).toArray(FloatBuffer[]::new);
        this.width = memory.width();
    }

    /**
     * Whether a tensor has such rows.
     *
     * @param tensor any
     * @return true for contiguous float32
     */
    public static boolean suits(Tensor tensor) {
        return tensor.is_contiguous() && DType.of(tensor) == DType.FLOAT32;
    }

    /**
     * The rows of a tensor.
     *
     * @param tensor {@code [..., width]}, one that {@link #suits}
     * @return a view on its memory, valid as long as the tensor is
     */
    public static FloatRows of(Tensor tensor) {
        return of(tensor, Math.toIntExact(tensor.size(-1)));
    }

    /**
     * The elements of a tensor as rows.
     *
     * @param tensor one that {@link #suits}
     * @param width the elements of a row, of which the tensor has a multiple
     * @return a view on its memory, valid as long as the tensor is
     */
    public static FloatRows of(Tensor tensor, int width) {
        return new FloatRows(RowPieces.of(tensor, width));
    }

    @Override
    public void get(long row, float[] into, int at) {
        pieces[memory.piece(row)].get(memory.start(row), into, at, width);
    }

    /**
     * Reads some rows that follow each other.
     *
     * @param row the first
     * @param into where to put their values
     * @param at the position of the first value
     * @param count how many rows
     */
    public void get(long row, float[] into, int at, int count) {
        if (memory.piece(row) == memory.piece(row + count - 1)) {
            pieces[memory.piece(row)].get(memory.start(row), into, at, count * width);
            return;
        }
        for (int i = 0; i < count; i++) {
            get(row + i, into, at + i * width);
        }
    }

    /**
     * Adds a row to an array.
     *
     * @param row from 0
     * @param sum what to add to
     * @param room for a row, to be overwritten
     */
    public void addTo(long row, float[] sum, float[] room) {
        get(row, room, 0);
        for (int i = 0; i < width; i++) {
            sum[i] += room[i];
        }
    }

    /**
     * Overwrites a row, exactly.
     *
     * @param row from 0
     * @param from where its values are
     * @param at the position of the first
     */
    public void put(long row, float[] from, int at) {
        pieces[memory.piece(row)].put(memory.start(row), from, at, width);
    }

    @Override
    public void put(long row, float[] from, int at, long random) {
        put(row, from, at);
    }

    @Override
    public float touch(long row) {
        return pieces[memory.piece(row)].get(memory.start(row));
    }
}
