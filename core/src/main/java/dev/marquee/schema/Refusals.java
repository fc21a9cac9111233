package dev.marquee.schema;

import dev.marquee.config.EditDistance;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The messages about rows and columns that cannot be encoded. */
final class Refusals {
    private static final int MOST_SHOWN = 40;
    private static final int MOST_NAMES = 50;
    private static final int MOST_VALUES = 5;

    private Refusals() {}

    /** The column, which must be there. */
    static RawColumn required(RawChunk chunk, String name) {
        RawColumn column = chunk.column(name);
        if (column == null) {
            List<String> names = new ArrayList<>(chunk.columns().keySet());
            String there = String.join(", ", names.subList(0, Math.min(MOST_NAMES, names.size())))
                    + (names.size() > MOST_NAMES ? " and " + (names.size() - MOST_NAMES) + " more" : "");
            throw new RowException(chunk.source() + " has no column " + name
                    + EditDistance.nearest(name, names)
                            .map(near -> ": did you mean " + near + "?")
                            .orElse("")
                    + (names.isEmpty() ? "; it has no columns" : "; it has " + there));
        }
        return column;
    }

    /** Says what is wrong with a value, and where it stands. */
    static RowException value(RawChunk chunk, int row, String column, String what) {
        return new RowException(chunk.place(row) + ", column " + column + ": " + what);
    }

    /** A list stands where one value is expected. */
    static RowException list(RawChunk chunk, String column, String what) {
        return new RowException(chunk.source() + ", column " + column + " holds lists, but " + what);
    }

    /** The first few different values of a column, for a message. */
    static String values(RawColumn column, int from) {
        Set<String> found = new LinkedHashSet<>();
        for (int row = from; row < column.rows() && found.size() <= MOST_VALUES; row++) {
            if (!column.isNull(row)) {
                found.add(shown(column, row));
            }
        }
        List<String> shown = new ArrayList<>(found);
        return String.join(", ", shown.subList(0, Math.min(MOST_VALUES, shown.size())))
                + (shown.size() > MOST_VALUES ? ", …" : "");
    }

    /** A value that is not null, for a message. */
    static String shown(RawColumn column, int index) {
        if (column instanceof RawColumn.Texts texts) {
            String text = texts.value(index);
            return "\""
                    + (text.codePointCount(0, text.length()) > MOST_SHOWN
                            ? text.substring(0, text.offsetByCodePoints(0, MOST_SHOWN)) + "…"
                            : text)
                    + "\"";
        }
        if (column instanceof RawColumn.Longs longs) {
            return Long.toString(longs.value(index));
        }
        return column instanceof RawColumn.Doubles doubles ? Double.toString(doubles.value(index)) : "a list";
    }
}
