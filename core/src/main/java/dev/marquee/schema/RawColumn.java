package dev.marquee.schema;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One column of some rows, as a source gives it. A column does not copy the arrays that it is made of: who hands them
 * over does not change them any more.
 */
public sealed interface RawColumn permits RawColumn.Longs, RawColumn.Doubles, RawColumn.Texts, RawColumn.Lists {
    /**
     * The number of rows.
     *
     * @return at least 0
     */
    int rows();

    /**
     * Whether a row has no value.
     *
     * @param row from 0
     * @return true for null
     */
    boolean isNull(int row);

    /** Whole numbers; truth values as 0 and 1, points in time as microseconds since 1970 in UTC. */
    final class Longs implements RawColumn {
        private final long[] values;
        private final boolean @Nullable [] nulls;

        /**
         * Made of arrays.
         *
         * @param values one a row
         * @param nulls which rows have no value; null when all have one
         */
        public Longs(long[] values, boolean @Nullable [] nulls) {
            this.values = values;
            this.nulls = nulls;
        }

        @Override
        public int rows() {
            return values.length;
        }

        @Override
        public boolean isNull(int row) {
            return nulls != null && nulls[row];
        }

        /**
         * A value.
         *
         * @param row from 0, not null
         * @return the number
         */
        public long value(int row) {
            return values[row];
        }
    }

    /** Floating-point numbers. */
    final class Doubles implements RawColumn {
        private final double[] values;
        private final boolean @Nullable [] nulls;

        /**
         * Made of arrays.
         *
         * @param values one a row
         * @param nulls which rows have no value; null when all have one
         */
        public Doubles(double[] values, boolean @Nullable [] nulls) {
            this.values = values;
            this.nulls = nulls;
        }

        @Override
        public int rows() {
            return values.length;
        }

        @Override
        public boolean isNull(int row) {
            return nulls != null && nulls[row];
        }

        /**
         * A value.
         *
         * @param row from 0, not null
         * @return the number; may be NaN or infinite
         */
        public double value(int row) {
            return values[row];
        }
    }

    /** Texts, their UTF-8 bytes one after the other. */
    final class Texts implements RawColumn {
        private final byte[] bytes;
        private final int[] offsets;
        private final boolean @Nullable [] nulls;

        /**
         * Made of arrays.
         *
         * @param bytes the UTF-8 bytes of all rows
         * @param offsets where each row's bytes begin, and at the end where the last row's end: one more than rows
         * @param nulls which rows have no value; null when all have one
         */
        public Texts(byte[] bytes, int[] offsets, boolean @Nullable [] nulls) {
            this.bytes = bytes;
            this.offsets = offsets;
            this.nulls = nulls;
        }

        /**
         * Made of texts.
         *
         * @param values one a row; null for no value
         * @return the column
         */
        public static Texts of(@Nullable String... values) {
            int[] offsets = new int[values.length + 1];
            boolean[] nulls = new boolean[values.length];
            byte[][] encoded = new byte[values.length][];
            for (int i = 0; i < values.length; i++) {
                String value = values[i];
                nulls[i] = value == null;
                encoded[i] = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
                offsets[i + 1] = offsets[i] + encoded[i].length;
            }
            byte[] bytes = new byte[offsets[values.length]];
            for (int i = 0; i < values.length; i++) {
                System.arraycopy(encoded[i], 0, bytes, offsets[i], encoded[i].length);
            }
            return new Texts(bytes, offsets, nulls);
        }

        @Override
        public int rows() {
            return offsets.length - 1;
        }

        @Override
        public boolean isNull(int row) {
            return nulls != null && nulls[row];
        }

        /**
         * The bytes of all rows.
         *
         * @return not a copy; not to be changed
         */
        public byte[] bytes() {
            return bytes;
        }

        /**
         * Where a row's bytes begin.
         *
         * @param row from 0; the number of rows gives where the last row's bytes end
         * @return an index into {@link #bytes()}
         */
        public int offset(int row) {
            return offsets[row];
        }

        /**
         * A value.
         *
         * @param row from 0, not null
         * @return the text
         */
        public String value(int row) {
            return new String(bytes, offsets[row], offsets[row + 1] - offsets[row], StandardCharsets.UTF_8);
        }
    }

    /** Lists of values. */
    final class Lists implements RawColumn {
        private final int[] offsets;
        private final boolean @Nullable [] nulls;
        private final RawColumn elements;

        /**
         * Made of arrays.
         *
         * @param offsets where each row's elements begin, and at the end where the last row's end: one more than rows
         * @param nulls which rows have no list; null when all have one
         * @param elements the elements of all rows, one after the other
         */
        public Lists(int[] offsets, boolean @Nullable [] nulls, RawColumn elements) {
            this.offsets = offsets;
            this.nulls = nulls;
            this.elements = elements;
        }

        @Override
        public int rows() {
            return offsets.length - 1;
        }

        @Override
        public boolean isNull(int row) {
            return nulls != null && nulls[row];
        }

        /**
         * Where a row's elements begin.
         *
         * @param row from 0; the number of rows gives where the last row's elements end
         * @return an index into {@link #elements()}
         */
        public int offset(int row) {
            return offsets[row];
        }

        /**
         * The elements of all rows.
         *
         * @return one after the other
         */
        public RawColumn elements() {
            return elements;
        }
    }
}
