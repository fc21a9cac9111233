package dev.marquee.nn;

import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import org.jspecify.annotations.Nullable;

/** Which rows were fetched from other processes for a batch, in which order. Several threads may ask. */
public final class FetchedRows {
    private final int[] rows;
    private @Nullable RowNumbers numbers;

    /**
     * Rows.
     *
     * @param ids distinct; the first is row 0
     */
    public FetchedRows(DistinctIds ids) {
        rows = new int[ids.count()];
        Tensors.bytes(ids.rows()).asIntBuffer().get(rows);
    }

    /** Whether these are the same rows in the same order, as they are where one network sees the whole batch. */
    boolean are(DistinctIds ids) {
        IntBuffer others = Tensors.bytes(ids.rows()).asIntBuffer();
        return IntBuffer.wrap(rows).equals(others);
    }

    /** Where a row stands among these. */
    int position(int row) {
        int position = numbers().find(row);
        if (position < 0) {
            throw new IllegalStateException("row " + row + " of the tables was not fetched for this batch");
        }
        return position;
    }

    private synchronized RowNumbers numbers() {
        RowNumbers made = numbers;
        if (made == null) {
            made = RowNumbers.of(rows);
            numbers = made;
        }
        return made;
    }
}
