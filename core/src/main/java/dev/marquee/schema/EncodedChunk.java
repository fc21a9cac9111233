package dev.marquee.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some rows, encoded; what each column means stands in the {@link FeatureLayout}. The arrays are not copied.
 *
 * <p>Ids are those within a table (see {@link Ids}).
 */
public final class EncodedChunk {
    private final int rows;
    private final float[] dense;
    private final int[] ids;
    private final List<Lists> lists;
    private final float[] labels;
    private final float @Nullable [] weights;
    private final long @Nullable [] groups;
    private final long @Nullable [] times;

    /**
     * The ids of one bag or sequence.
     *
     * @see #lists()
     */
    public static final class Lists {
        private final int[] offsets;
        private final int[] ids;

        /**
         * Made of arrays.
         *
         * @param offsets where each row's ids begin, and at the end where the last row's end: one more than rows
         * @param ids of all rows, one after the other, already cut to the maximum length
         */
        public Lists(int[] offsets, int[] ids) {
            this.offsets = offsets;
            this.ids = ids;
        }

        /**
         * Where each row's ids begin.
         *
         * @return one more than rows; not a copy
         */
        public int[] offsets() {
            return offsets;
        }

        /**
         * The ids of all rows.
         *
         * @return not a copy
         */
        public int[] ids() {
            return ids;
        }
    }

    /**
     * Made of arrays.
     *
     * @param rows how many rows there are
     * @param dense {@code [rows, dense size]}, row by row, all finite
     * @param ids {@code [rows, fields]}, row by row
     * @param lists the bags, then the sequences, in the order of the layout
     * @param labels {@code [rows, labels]}, row by row: 0, 1, or NaN where unknown
     * @param weights one a row, finite and at least 0; null for ones
     * @param groups one a row: the same for the rows of a group; null where the schema has none
     * @param times one a row, in an order that agrees with time; null where the schema has none
     */
    public EncodedChunk(
            int rows,
            float[] dense,
            int[] ids,
            List<Lists> lists,
            float[] labels,
            float @Nullable [] weights,
            long @Nullable [] groups,
            long @Nullable [] times) {
        this.rows = rows;
        this.dense = dense;
        this.ids = ids;
        this.lists = List.copyOf(lists);
        this.labels = labels;
        this.weights = weights;
        this.groups = groups;
        this.times = times;
    }

    /**
     * The number of rows.
     *
     * @return at least 0
     */
    public int rows() {
        return rows;
    }

    /**
     * The encoded numbers.
     *
     * @return {@code [rows, dense size]}, row by row; not a copy
     */
    public float[] dense() {
        return dense;
    }

    /**
     * The categorical ids.
     *
     * @return {@code [rows, fields]}, row by row; not a copy
     */
    public int[] ids() {
        return ids;
    }

    /**
     * The bags, then the sequences.
     *
     * @return in the order of the layout
     */
    public List<Lists> lists() {
        return lists;
    }

    /**
     * The labels.
     *
     * @return {@code [rows, labels]}, row by row: 0, 1, or NaN where unknown; not a copy
     */
    public float[] labels() {
        return labels;
    }

    /**
     * What the rows count for.
     *
     * @return one a row, not a copy; null for ones
     */
    public float @Nullable [] weights() {
        return weights;
    }

    /**
     * The groups of the rows.
     *
     * @return one a row, not a copy; null where the schema has none
     */
    public long @Nullable [] groups() {
        return groups;
    }

    /**
     * When the rows happened.
     *
     * @return one a row, in an order that agrees with time, not a copy; null where the schema has none
     */
    public long @Nullable [] times() {
        return times;
    }
}
