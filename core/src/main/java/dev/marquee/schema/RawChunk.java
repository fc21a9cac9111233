package dev.marquee.schema;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Some rows of a log, by columns.
 *
 * @param source where they come from, for messages: a file's name, where that is known
 * @param firstRow the number of the first row in the source, from 1, a header not counted
 * @param rows how many there are
 * @param columns by name, each with that many rows
 */
public record RawChunk(String source, long firstRow, int rows, Map<String, RawColumn> columns) {
    /** Copies the map and checks the lengths. */
    public RawChunk {
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
        columns.forEach((name, column) -> {
            if (column.rows() != rows) {
                throw new IllegalArgumentException(
                        "column " + name + " has " + column.rows() + " rows, the chunk has " + rows);
            }
        });
    }

    /**
     * A column.
     *
     * @param name its name
     * @return the column, or null when there is none
     */
    public @Nullable RawColumn column(String name) {
        return columns.get(name);
    }

    /**
     * Where a row stands, for messages.
     *
     * @param row from 0
     * @return such as {@code clicks.csv, row 17}
     */
    public String place(int row) {
        return source + ", row " + (firstRow + row);
    }
}
