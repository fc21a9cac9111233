package dev.marquee.simulate;

import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.source.RowSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A stream, read: each column as a list of plain values. */
final class Log {
    private final Map<String, List<@Nullable Object>> columns = new LinkedHashMap<>();

    static Log of(RowSource source) {
        return of(source, Set.copyOf(source.columns()));
    }

    static Log of(RowSource source, Set<String> wanted) {
        Log log = new Log();
        wanted.forEach(name -> log.columns.put(name, new ArrayList<>()));
        try (RowSource.Reader reader = source.open(wanted)) {
            for (RawChunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                for (Map.Entry<String, RawColumn> entry : chunk.columns().entrySet()) {
                    for (int row = 0; row < chunk.rows(); row++) {
                        log.column(entry.getKey()).add(value(entry.getValue(), row));
                    }
                }
            }
        }
        return log;
    }

    List<@Nullable Object> column(String name) {
        return columns.get(name);
    }

    int size() {
        return columns.values().iterator().next().size();
    }

    long whole(String name, int row) {
        return (long) column(name).get(row);
    }

    double number(String name, int row) {
        return (double) column(name).get(row);
    }

    @SuppressWarnings("unchecked")
    List<Long> list(String name, int row) {
        return (List<Long>) column(name).get(row);
    }

    private static @Nullable Object value(RawColumn column, int row) {
        if (column.isNull(row)) {
            return null;
        } else if (column instanceof RawColumn.Longs longs) {
            return longs.value(row);
        } else if (column instanceof RawColumn.Doubles doubles) {
            return doubles.value(row);
        } else if (column instanceof RawColumn.Texts texts) {
            return texts.value(row);
        }
        RawColumn.Lists lists = (RawColumn.Lists) column;
        List<Long> values = new ArrayList<>();
        for (int i = lists.offset(row); i < lists.offset(row + 1); i++) {
            values.add(((RawColumn.Longs) lists.elements()).value(i));
        }
        return values;
    }
}
