package dev.marquee.serving;

import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows as Java programs and JSON give them, as columns. */
public final class RawRows {
    private final String source;
    private final Map<String, ColumnBuilder> builders = new LinkedHashMap<>();

    RawRows(String source) {
        this.source = source;
    }

    /**
     * Makes columns of rows.
     *
     * @param source what the rows are, for messages: {@code "the candidates"}
     * @param rows by column; a value is null, a truth value, a number, a text, or a list of these; a column that a row
     *     lacks is null there
     * @return the same rows
     * @throws IllegalArgumentException when a value is of another type, naming it
     */
    public static RawChunk of(String source, List<? extends Map<String, ?>> rows) {
        RawRows made = new RawRows(source);
        for (int row = 0; row < rows.size(); row++) {
            for (Map.Entry<String, ?> entry : rows.get(row).entrySet()) {
                made.column(entry.getKey()).set(row, entry.getValue());
            }
        }
        return made.chunk(rows.size());
    }

    ColumnBuilder column(String name) {
        ColumnBuilder builder = builders.get(name);
        if (builder == null) {
            builder = new ColumnBuilder(name);
            builders.put(name, builder);
        }
        return builder;
    }

    /** How many columns there are. */
    int columns() {
        return builders.size();
    }

    boolean has(String name) {
        return builders.containsKey(name);
    }

    RawChunk chunk(int rows) {
        Map<String, RawColumn> columns = new LinkedHashMap<>();
        builders.forEach((name, builder) -> columns.put(name, builder.build(rows)));
        return new RawChunk(source, 1, rows, columns);
    }

    /** A column without values. */
    static RawColumn nulls(int rows) {
        @Nullable String[] none = new String[rows];
        return RawColumn.Texts.of(none);
    }
}
