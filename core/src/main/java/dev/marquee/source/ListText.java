package dev.marquee.source;

import dev.marquee.schema.RawColumn;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads the elements of lists from texts with blanks between the elements; an empty element is none. */
final class ListText {
    private ListText() {}

    /** Whole numbers. */
    static RawColumn longs(RawColumn.Texts joined, int[] offsets) {
        int count = offsets[offsets.length - 1];
        long[] values = new long[count];
        boolean @Nullable [] nulls =
                visit(joined, offsets, (element, bytes, from, to) -> values[element] = number(bytes, from, to));
        return new RawColumn.Longs(values, nulls);
    }

    /** Numbers. */
    static RawColumn doubles(RawColumn.Texts joined, int[] offsets) {
        int count = offsets[offsets.length - 1];
        double[] values = new double[count];
        boolean @Nullable [] nulls = visit(
                joined,
                offsets,
                (element, bytes, from, to) ->
                        values[element] = floating(new String(bytes, from, to - from, StandardCharsets.US_ASCII)));
        return new RawColumn.Doubles(values, nulls);
    }

    /**
     * Texts.
     *
     * @param lengths the elements' lengths in bytes, -1 for none
     * @param contents the elements' bytes, one after the other
     */
    static RawColumn texts(RawColumn.Texts lengths, RawColumn.Texts contents, int[] offsets) {
        int count = offsets[offsets.length - 1];
        int[] starts = new int[count + 1];
        boolean[] nulls = new boolean[count];
        visit(lengths, offsets, (element, bytes, from, to) -> {
            int length = (int) number(bytes, from, to);
            nulls[element] = length < 0;
            starts[element + 1] = Math.max(0, length);
        });
        for (int i = 0; i < count; i++) {
            starts[i + 1] += starts[i];
        }
        return new RawColumn.Texts(contents.bytes(), starts, nulls);
    }

    private static boolean @Nullable [] visit(RawColumn.Texts joined, int[] offsets, ElementVisitor visitor) {
        byte[] bytes = joined.bytes();
        boolean[] nulls = null;
        for (int row = 0; row < joined.rows(); row++) {
            int at = joined.offset(row);
            int end = joined.offset(row + 1);
            for (int element = offsets[row]; element < offsets[row + 1]; element++) {
                int to = at;
                while (to < end && bytes[to] != ' ') {
                    to++;
                }
                if (to == at) {
                    nulls = nulls == null ? new boolean[offsets[offsets.length - 1]] : nulls;
                    nulls[element] = true;
                } else {
                    visitor.visit(element, bytes, at, to);
                }
                at = to + 1;
            }
        }
        return nulls;
    }

    private static long number(byte[] bytes, int from, int to) {
        boolean negative = bytes[from] == '-';
        long value = 0; // kept negative: the lowest number has no positive counterpart
        for (int i = negative ? from + 1 : from; i < to; i++) {
            value = value * 10 - (bytes[i] - '0');
        }
        return negative ? value : -value;
    }

    private static double floating(String text) {
        return switch (text) {
            case "nan", "-nan" -> Double.NaN;
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /** Takes one element. */
    private interface ElementVisitor {
        /**
         * Takes an element that is there.
         *
         * @param element its number among all rows' elements
         * @param bytes where it is written
         * @param from its first byte
         * @param to the byte after its last
         */
        void visit(int element, byte[] bytes, int from, int to);
    }
}
