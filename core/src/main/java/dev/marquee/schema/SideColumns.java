package dev.marquee.schema;

import org.jspecify.annotations.Nullable;

/** Reads what belongs to a row, yet is neither feature nor label: weight, group, time. */
final class SideColumns {
    private SideColumns() {}

    /** The weights of the selected rows (null: all); 1 for the others. */
    static float[] weights(RawChunk chunk, RawColumn column, String name, boolean @Nullable [] selected) {
        scalar(chunk, column, name, "a weight needs one number");
        float[] weights = new float[column.rows()];
        for (int row = 0; row < weights.length; row++) {
            weights[row] = 1;
            if (selected != null && !selected[row]) {
                continue;
            }
            boolean isNull = column.isNull(row);
            double value = isNull ? Double.NaN : NumberReader.value(column, row);
            if (!(value >= 0 && value <= Float.MAX_VALUE)) {
                throw Refusals.value(
                        chunk,
                        row,
                        name,
                        "a weight must be a finite number of at least 0, not "
                                + (isNull ? "null" : Refusals.shown(column, row))
                                + ": weights are never guessed; correct it, or leave the row out");
            }
            weights[row] = (float) value;
        }
        return weights;
    }

    /** The groups: the hash of the canonical text; that of the empty text for rows without a group. */
    static long[] groups(RawChunk chunk, RawColumn column, String name) {
        scalar(chunk, column, name, "a group needs one value");
        long[] groups = new long[column.rows()];
        long none = XxHash64.hash(new byte[0], 0, 0);
        CanonicalText text = new CanonicalText();
        for (int row = 0; row < groups.length; row++) {
            groups[row] = text.read(column, row) ? text.hash() : none;
        }
        return groups;
    }

    /** The times: numbers rounded down, points in time as microseconds since 1970 in UTC. */
    static long[] times(RawChunk chunk, RawColumn column, String name) {
        scalar(chunk, column, name, "a time needs one value");
        long[] times = new long[column.rows()];
        for (int row = 0; row < times.length; row++) {
            long time = column.isNull(row) ? IsoTime.NONE : time(column, row);
            if (time == IsoTime.NONE) {
                throw Refusals.value(
                        chunk,
                        row,
                        name,
                        (column.isNull(row) ? "null" : Refusals.shown(column, row))
                                + " is no time: a number, or a date such as 2024-01-31 or 2024-01-31T18:05:00Z, is"
                                + " needed; correct it, or leave the row out");
            }
            times[row] = time;
        }
        return times;
    }

    private static long time(RawColumn column, int row) {
        if (column instanceof RawColumn.Longs longs) {
            return longs.value(row);
        }
        if (column instanceof RawColumn.Texts texts) {
            long whole = whole(texts.bytes(), texts.offset(row), texts.offset(row + 1));
            if (whole != IsoTime.NONE) {
                return whole;
            }
        }
        double number = timeAsNumber(column, row);
        if (Double.isFinite(number)) {
            return (long) Math.floor(number);
        }
        return column instanceof RawColumn.Texts texts
                ? IsoTime.micros(texts.bytes(), texts.offset(row), texts.offset(row + 1))
                : IsoTime.NONE;
    }

    /** The number that a time is; NaN where it is none. A text such as {@code true} is a number, but no time. */
    static double timeAsNumber(RawColumn column, int row) {
        boolean isTruth = column instanceof RawColumn.Texts texts
                && texts.offset(row) < texts.offset(row + 1)
                && Character.isLetter(texts.bytes()[texts.offset(row)]);
        return isTruth ? Double.NaN : NumberReader.value(column, row);
    }

    /** Digits alone, which a double might round. */
    private static long whole(byte[] bytes, int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return IsoTime.NONE;
            }
            value = value * 10 + digit;
        }
        return to == from || to - from > 18 ? IsoTime.NONE : value;
    }

    private static void scalar(RawChunk chunk, RawColumn column, String name, String what) {
        if (column instanceof RawColumn.Lists) {
            throw Refusals.list(chunk, name, what);
        }
    }
}
