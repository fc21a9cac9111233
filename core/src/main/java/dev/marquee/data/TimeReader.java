package dev.marquee.data;

import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.schema.TimeOrder;

/** Reads the column of times before anything is known of it, as {@link TimeOrder} does. */
final class TimeReader {
    /** Older than every time. */
    static final long NONE = TimeOrder.NONE;

    private final String column;
    private final boolean strict;

    TimeReader(String column, boolean strict) {
        this.column = column;
        this.strict = strict;
    }

    /** A row's time; {@link #NONE} where there is none, or where it cannot be read and need not. */
    long read(RawChunk chunk, RawColumn values, int row) {
        if (values instanceof RawColumn.Lists) {
            throw new DataException(chunk.place(row) + ": column " + column + " holds lists, not times");
        }
        long time = TimeOrder.of(values, row);
        if (time == NONE && strict && values instanceof RawColumn.Texts texts && !values.isNull(row)) {
            String text = texts.value(row);
            if (!text.isBlank()) {
                throw new DataException(chunk.place(row) + ": column " + column + " holds \"" + text
                        + "\", which is neither a number nor a date nor a point in time such as 2026-11-24T10:00:00Z");
            }
        }
        return time;
    }
}
