package dev.marquee.nn;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Numbers;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Rows of numbers whose count changes. There is room for up to twice as many rows as are in use; what room was never used
 * costs no memory, as the system gives it on first use. Moving to more room copies all rows, so that for a moment both
 * are there; a row is copied once on average.
 */
public final class GrowingTensor implements AutoCloseable {
    private static final int SMALLEST = 64;

    private final DType type;
    private final int width;
    private final boolean perRow;
    private Arena memory = Arena.open("rows that grow");
    private Arena views = Arena.open("view of rows that grow");
    private Tensor room;
    private Numbers numbers;
    private int capacity;
    private int rows;
    private @Nullable Tensor view;

    /**
     * Without rows.
     *
     * @param type of the numbers
     * @param width numbers a row
     * @param perRow whether the tensor has one dimension, the width being 1
     */
    GrowingTensor(DType type, int width, boolean perRow) {
        this.type = type;
        this.width = width;
        this.perRow = perRow;
        try (Scope scope = Scope.open()) {
            capacity = SMALLEST;
            room = memory.keep(make(capacity));
            numbers = Numbers.of(room);
        }
    }

    /**
     * The number of rows in use.
     *
     * @return at least 0
     */
    public int rows() {
        return rows;
    }

    /**
     * The numbers, row by row, {@link #rows()} rows of them.
     *
     * @return a view on the memory; valid until rows are added or taken away
     */
    public Numbers numbers() {
        return numbers;
    }

    /**
     * The rows in use.
     *
     * @return {@code [rows, width]}, or {@code [rows]}: a view, valid until rows are added or taken away
     */
    public Tensor tensor() {
        Tensor current = view;
        if (current == null) {
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                current = views.keep(room.narrow(0, 0, rows));
                view = current;
            }
        }
        return current;
    }

    /** The bytes that there is room for. */
    long bytes() {
        return memory.bytes();
    }

    /** Changes the number of rows; those that are new hold zeros. */
    void resize(int wanted) {
        if (wanted == rows) {
            return;
        }
        forgetView();
        if (wanted > capacity || (wanted < capacity / 4 && capacity > SMALLEST)) {
            long twice = wanted > capacity ? Math.max(wanted, 2L * capacity) : 2L * wanted;
            move((int) Math.max(SMALLEST, Math.min(Integer.MAX_VALUE, twice)), Math.min(rows, wanted));
        }
        int before = rows;
        rows = wanted;
        for (int row = before; row < wanted; row++) {
            clear(row);
        }
    }

    /** Sets a row to zeros. */
    void clear(int row) {
        for (long at = (long) row * width; at < (row + 1L) * width; at++) {
            numbers.set(at, 0);
        }
    }

    /** Frees the rows. */
    @Override
    public void close() {
        views.close();
        memory.close();
    }

    private void move(int wanted, int kept) {
        Arena other = Arena.open("rows that grow");
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Tensor made = other.keep(make(wanted));
            made.narrow(0, 0, kept).copy_(room.narrow(0, 0, kept));
            room = made;
            numbers = Numbers.of(made);
            capacity = wanted;
        } catch (RuntimeException | Error e) {
            other.close();
            throw e;
        }
        memory.close();
        memory = other;
    }

    private void forgetView() {
        if (view != null) {
            view = null;
            views.close();
            views = Arena.open("view of rows that grow");
        }
    }

    private Tensor make(int count) {
        return perRow ? Tensors.empty(type, count) : Tensors.empty(type, count, width);
    }
}
