package dev.marquee.source;

import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Writes tiny files and reads rows as lists of Java values. */
final class Rows {
    private Rows() {}

    static FileSource open(Path path) {
        return FileSource.open(SourceConfig.DEFAULT, Optional.of(path.toString()));
    }

    static FileSource query(@Nullable Path path, String sql) {
        SourceConfig d = SourceConfig.DEFAULT;
        SourceConfig config =
                new SourceConfig(d.kind(), d.delimiter(), d.header(), d.columns(), d.nulls(), Optional.of(sql));
        return FileSource.open(config, Optional.ofNullable(path).map(Path::toString));
    }

    static SourceConfig named(String... columns) {
        SourceConfig d = SourceConfig.DEFAULT;
        return new SourceConfig(d.kind(), d.delimiter(), d.header(), List.of(columns), d.nulls(), d.sql());
    }

    /** All rows of all columns. */
    static List<List<@Nullable Object>> all(RowSource source) {
        return all(source, new LinkedHashSet<>(source.columns()));
    }

    static List<List<@Nullable Object>> all(RowSource source, Set<String> columns) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (RawChunk chunk : chunks(source, columns)) {
            for (int i = 0; i < chunk.rows(); i++) {
                List<@Nullable Object> row = new ArrayList<>();
                for (RawColumn column : chunk.columns().values()) {
                    row.add(value(column, i));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    static List<RawChunk> chunks(RowSource source, Set<String> columns) {
        List<RawChunk> chunks = new ArrayList<>();
        try (RowSource.Reader reader = source.open(columns)) {
            for (RawChunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                chunks.add(chunk);
            }
        }
        return chunks;
    }

    static @Nullable Object value(RawColumn column, int row) {
        if (column.isNull(row)) {
            return null;
        }
        if (column instanceof RawColumn.Longs longs) {
            return longs.value(row);
        }
        if (column instanceof RawColumn.Doubles doubles) {
            return doubles.value(row);
        }
        if (column instanceof RawColumn.Texts texts) {
            return texts.value(row);
        }
        RawColumn.Lists lists = (RawColumn.Lists) column;
        List<@Nullable Object> elements = new ArrayList<>();
        for (int i = lists.offset(row); i < lists.offset(row + 1); i++) {
            elements.add(value(lists.elements(), i));
        }
        return elements;
    }

    static Path write(Path file, String text) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        return Files.writeString(file, text);
    }

    static Path gzip(Path file, String text) throws IOException {
        try (OutputStream stream = new GZIPOutputStream(Files.newOutputStream(file))) {
            stream.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    /** Has DuckDB write the rows of a query, in the format of the file's ending. */
    static Path copy(Path file, String query) throws SQLException {
        try (Duck duck = Duck.open(1)) {
            duck.execute("COPY (" + query + ") TO " + Sql.text(file.toString()));
        }
        return file;
    }
}
