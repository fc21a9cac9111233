package dev.marquee.schema;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads the numbers of a column; what is none, is not finite or lies beyond float32 becomes NaN, or is refused. */
final class NumberReader {
    private NumberReader() {}

    /**
     * Reads a column.
     *
     * @param selected which rows are read; null for all
     * @param values where each row's number is put
     * @return how many of the rows hold something that is no such number
     */
    static int read(RawChunk chunk, String name, boolean strict, boolean @Nullable [] selected, double[] values) {
        RawColumn column = Refusals.required(chunk, name);
        if (column instanceof RawColumn.Lists) {
            throw Refusals.list(chunk, name, "a dense feature needs one number: use kind bag or sequence");
        }
        Arrays.fill(values, 0, column.rows(), Double.NaN);
        int refused = 0;
        for (int row = 0; row < column.rows(); row++) {
            if ((selected != null && !selected[row]) || column.isNull(row)) {
                continue;
            }
            double value = value(column, row);
            if (Math.abs(value) <= Float.MAX_VALUE) {
                values[row] = value + 0.0; // no negative zero
            } else if (!isBlank(column, row)) {
                if (strict) {
                    throw Refusals.value(
                            chunk,
                            row,
                            name,
                            Refusals.shown(column, row) + " is not a finite number: correct it, or leave strict off"
                                    + " to count it as missing");
                }
                refused++;
            }
        }
        return refused;
    }

    /** The number; NaN where there is none. */
    static double value(RawColumn column, int row) {
        if (column instanceof RawColumn.Texts texts) {
            return NumberParser.parse(texts.bytes(), texts.offset(row), texts.offset(row + 1));
        }
        if (column instanceof RawColumn.Doubles doubles) {
            return doubles.value(row);
        }
        return column instanceof RawColumn.Longs longs ? longs.value(row) : Double.NaN;
    }

    /** Whether a value that is not null is a text without anything in it. */
    static boolean isBlank(RawColumn column, int row) {
        return column instanceof RawColumn.Texts texts
                && NumberParser.isBlank(texts.bytes(), texts.offset(row), texts.offset(row + 1));
    }
}
