package dev.marquee.simulate;

import dev.marquee.schema.RawColumn;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/** Collects the values of one column. */
interface Cells {
    /** Adds the value of a row; there is room for as many as the chunk has rows. */
    void add(Impression impression);

    /** What was added. Nothing more is added then. */
    RawColumn column();

    /** Makes cells for a number of rows. */
    @FunctionalInterface
    interface Kind {
        Cells of(int rows);
    }

    /** Whole numbers. */
    static Kind longs(ToLongFunction<Impression> value) {
        return rows -> new Cells() {
            private final long[] values = new long[rows];
            private int size;

            @Override
            public void add(Impression impression) {
                values[size++] = value.applyAsLong(impression);
            }

            @Override
            public RawColumn column() {
                return new RawColumn.Longs(values, null);
            }
        };
    }

    /** Numbers. */
    static Kind doubles(ToDoubleFunction<Impression> value) {
        return rows -> new Cells() {
            private final double[] values = new double[rows];
            private int size;

            @Override
            public void add(Impression impression) {
                values[size++] = value.applyAsDouble(impression);
            }

            @Override
            public RawColumn column() {
                return new RawColumn.Doubles(values, null);
            }
        };
    }

    /** Numbers, where there are any. */
    static Kind doubles(Predicate<Impression> present, ToDoubleFunction<Impression> value) {
        return rows -> new Cells() {
            private final double[] values = new double[rows];
            private final boolean[] nulls = new boolean[rows];
            private int size;

            @Override
            public void add(Impression impression) {
                nulls[size] = !present.test(impression);
                values[size] = nulls[size] ? 0 : value.applyAsDouble(impression);
                size++;
            }

            @Override
            public RawColumn column() {
                return new RawColumn.Doubles(values, nulls);
            }
        };
    }

    /** One of some names, which are ASCII. */
    static Kind names(String[] names, ToIntFunction<Impression> value) {
        RawColumn.Texts known = RawColumn.Texts.of(names);
        int longest = Arrays.stream(names).mapToInt(String::length).max().orElse(0);
        return rows -> new Cells() {
            private final byte[] bytes = new byte[rows * longest];
            private final int[] offsets = new int[rows + 1];
            private int size;

            @Override
            public void add(Impression impression) {
                int which = value.applyAsInt(impression);
                int length = known.offset(which + 1) - known.offset(which);
                System.arraycopy(known.bytes(), known.offset(which), bytes, offsets[size], length);
                offsets[size + 1] = offsets[size] + length;
                size++;
            }

            @Override
            public RawColumn column() {
                return new RawColumn.Texts(bytes, offsets, null);
            }
        };
    }

    /** A value of each click that the user is remembered for, the oldest first. */
    static Kind history(Remembered value) {
        return rows -> new Cells() {
            private final int[] offsets = new int[rows + 1];
            private long[] values = new long[rows * User.CLICKS / 2];
            private int size;

            @Override
            public void add(Impression impression) {
                User user = impression.pages.user;
                int count = user.clickCount();
                int end = offsets[size];
                if (end + count > values.length) {
                    values = Arrays.copyOf(values, 2 * values.length + User.CLICKS);
                }
                for (int i = 0; i < count; i++) {
                    values[end + i] = value.of(impression, user.clicked(i));
                }
                offsets[++size] = end + count;
            }

            @Override
            public RawColumn column() {
                return new RawColumn.Lists(
                        offsets, null, new RawColumn.Longs(Arrays.copyOf(values, offsets[size]), null));
            }
        };
    }

    /** What is written of an ad that was clicked. */
    @FunctionalInterface
    interface Remembered {
        long of(Impression impression, int ad);
    }
}
