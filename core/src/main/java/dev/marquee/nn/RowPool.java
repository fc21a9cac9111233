package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The rows of all growing tables of one width, with what an optimiser remembers of each. Which id has which row is
 * {@link GrowingRows}' affair.
 */
public final class RowPool {
    private final String name;
    private final int width;
    private final Initializer initializer;
    private final GrowingTensor values;
    private final List<GrowingTensor> companions = new ArrayList<>();

    RowPool(String name, DType type, int width, Initializer initializer) {
        this.name = name;
        this.width = width;
        this.initializer = initializer;
        this.values = new GrowingTensor(type, width, /* perRow= */ false);
    }

    /**
     * The name in checkpoints.
     *
     * @return not empty
     */
    public String name() {
        return name;
    }

    /**
     * The values of the rows.
     *
     * @return {@code [rows, width]}
     */
    public GrowingTensor values() {
        return values;
    }

    /**
     * Makes something that is remembered of each row: it grows with the rows, and is 0 for a row that is new.
     *
     * @param type of the numbers
     * @param perRow whether it is one number a row, rather than one for each value
     * @return {@code [rows, width]} or {@code [rows]}; give it back with {@link #drop}
     */
    public GrowingTensor companion(DType type, boolean perRow) {
        GrowingTensor companion = new GrowingTensor(type, perRow ? 1 : width, perRow);
        companion.resize(values.rows());
        companions.add(companion);
        return companion;
    }

    /**
     * Frees what {@link #companion} made.
     *
     * @param companion one of this pool's
     */
    public void drop(GrowingTensor companion) {
        companions.remove(companion);
        companion.close();
    }

    /** The number of values in use. */
    long count() {
        return (long) values.rows() * width;
    }

    /** The bytes that there is room for, those of the companions included. */
    long bytes() {
        return values.bytes()
                + companions.stream().mapToLong(GrowingTensor::bytes).sum();
    }

    /** Changes the number of rows. */
    void resize(int rows) {
        values.resize(rows);
        companions.forEach(companion -> companion.resize(rows));
    }

    /** Puts a new row in a place: first values that depend on the seed alone, nothing remembered. */
    void begin(int row, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Numbers numbers = values.numbers();
        for (long at = (long) row * width; at < (row + 1L) * width; at++) {
            numbers.set(at, initializer.draw(random::nextDouble));
        }
        companions.forEach(companion -> companion.clear(row));
    }

    /** Leaves nothing of a row. */
    void clear(int row) {
        values.clear(row);
        companions.forEach(companion -> companion.clear(row));
    }

    /** Forgets what is remembered of all rows. */
    void clearCompanions() {
        int rows = values.rows();
        for (GrowingTensor companion : companions) {
            companion.resize(0);
            companion.resize(rows);
        }
    }

    /** Frees the values. */
    void close() {
        values.close();
    }
}
