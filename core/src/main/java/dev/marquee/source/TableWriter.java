package dev.marquee.source;

import dev.marquee.schema.RawColumn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/**
 * Writes columns to a CSV or Parquet file, by the file's ending ({@code .csv}, {@code .csv.gz}, {@code .csv.zst}, {@code
 * .tsv}, {@code .parquet}). The file is there whole after {@link #commit()}, or what it was before. One thread.
 *
 * <p>Rows wait in a DuckDB table, which goes to a temporary folder where memory does not suffice.
 */
public final class TableWriter implements AutoCloseable {
    private static final AtomicLong COUNT = new AtomicLong();
    private static final String TABLE = "written";

    private final Path file;
    private final Path temporary;
    private final String format;
    private final Duck duck;
    private final Map<String, String> types = new LinkedHashMap<>();
    private @Nullable DuckDBAppender appender;
    private boolean committed;

    private TableWriter(Path file, Path temporary, String format) {
        this.file = file;
        this.temporary = temporary;
        this.format = format;
        this.duck = Duck.open(1);
    }

    /**
     * Begins a file; nothing is written to its place yet.
     *
     * @param file where to; replaced if it is there
     * @return the writer; commit and close it
     * @throws SourceException when the ending is not known, or the folder is not there
     */
    public static TableWriter open(Path file) {
        Path whole = file.toAbsolutePath();
        Path folder = whole.getParent();
        String name = String.valueOf(whole.getFileName());
        String format = format(name);
        if (folder == null || !Files.isDirectory(folder)) {
            throw new SourceException("the folder of " + file + " is not there: make it first");
        }
        if (Files.isDirectory(whole) || !Files.isWritable(folder)) {
            throw new SourceException(file + " cannot be written: it is a folder, or its folder may not be written to");
        }
        // The ending stays: it is what compression is chosen by.
        String mark = ".marquee-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet() + "-";
        return new TableWriter(whole, folder.resolve(mark + name), format);
    }

    /**
     * Adds rows. The first call decides names, order and types; {@link RawColumn.Longs} become BIGINT, {@link
     * RawColumn.Doubles} DOUBLE, {@link RawColumn.Texts} VARCHAR, {@link RawColumn.Lists} lists of these; in CSV, texts
     * with | between the elements.
     *
     * @param rows how many
     * @param columns by name, in the order of the file; the same names and types in each call
     * @throws IllegalArgumentException when they are not
     * @throws SourceException when they cannot be kept
     */
    public void write(int rows, Map<String, RawColumn> columns) {
        if (committed) {
            throw new IllegalStateException(file + " has been committed: nothing can be added");
        }
        if (columns.isEmpty()) {
            throw new IllegalArgumentException("there are no columns to write: give at least one");
        }
        try {
            DuckDBAppender open = appender;
            if (open == null) {
                open = create(columns);
                appender = open;
            }
            List<RawColumn> ordered = ordered(rows, columns);
            for (int row = 0; row < rows; row++) {
                open.beginRow();
                for (RawColumn column : ordered) {
                    append(open, column, row);
                }
                open.endRow();
            }
        } catch (SQLException e) {
            throw DuckFaults.of(file.toString(), e);
        }
    }

    /**
     * Writes the file: under another name beside it, which then takes its place.
     *
     * @throws IllegalStateException when no columns were written, or it has been committed
     * @throws SourceException when it cannot be written, such as on a full disk
     */
    public void commit() {
        DuckDBAppender open = appender;
        if (open == null || committed) {
            throw new IllegalStateException(
                    committed ? file + " has been committed" : "no columns were written to " + file);
        }
        try {
            open.close();
            appender = null;
            committed = true;
            duck.execute("COPY " + selection() + " TO " + Sql.text(temporary.toString()) + " (" + format + ")");
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (SQLException e) {
            throw DuckFaults.of(file.toString(), e);
        } catch (IOException e) {
            throw new SourceException(file + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** Ends; without a commit nothing is written. */
    @Override
    public void close() {
        try {
            DuckDBAppender open = appender;
            appender = null;
            if (open != null) {
                open.close();
            }
        } catch (SQLException e) {
            throw DuckFaults.of(file.toString(), e);
        } finally {
            try (duck) {
                Files.deleteIfExists(temporary);
            } catch (IOException e) {
                temporary.toFile().deleteOnExit();
            }
        }
    }

    private static String format(String name) {
        String plain = name.toLowerCase(Locale.ROOT);
        if (plain.endsWith(".parquet") || plain.endsWith(".pq")) {
            return "FORMAT parquet, COMPRESSION zstd";
        }
        String compression = plain.endsWith(".gz") ? "gzip" : plain.endsWith(".zst") ? "zstd" : "none";
        String bare = compression.equals("none") ? plain : plain.substring(0, plain.lastIndexOf('.'));
        if (bare.endsWith(".csv") || bare.endsWith(".tsv")) {
            String delimiter = bare.endsWith(".csv") ? "','" : "'\t'";
            return "FORMAT csv, HEADER true, DELIMITER " + delimiter + ", COMPRESSION " + compression;
        }
        throw new SourceException("the ending of " + name
                + " names no format that can be written: use .parquet, .csv, .csv.gz, .csv.zst or .tsv");
    }

    /** CSV knows no lists: it gets texts as the default separator of bags and sequences joins them. */
    private String selection() {
        if (!format.startsWith("FORMAT csv")) {
            return TABLE;
        }
        List<String> columns = new ArrayList<>();
        types.forEach((name, type) -> columns.add(
                type.endsWith("[]")
                        ? "array_to_string(" + Sql.name(name) + ", '|') AS " + Sql.name(name)
                        : Sql.name(name)));
        return "(SELECT " + String.join(", ", columns) + " FROM " + TABLE + ")";
    }

    private DuckDBAppender create(Map<String, RawColumn> columns) throws SQLException {
        List<String> definitions = new ArrayList<>();
        columns.forEach((name, column) -> {
            types.put(name, type(column));
            definitions.add(Sql.name(name) + " " + type(column));
        });
        duck.execute("CREATE TABLE " + TABLE + " (" + String.join(", ", definitions) + ")");
        return duck.connection().createAppender(TABLE);
    }

    private List<RawColumn> ordered(int rows, Map<String, RawColumn> columns) {
        if (!columns.keySet().equals(types.keySet())) {
            throw new IllegalArgumentException("columns " + columns.keySet() + " where the first rows had "
                    + types.keySet() + ": write the same in each call");
        }
        List<RawColumn> ordered = new ArrayList<>();
        types.forEach((name, type) -> {
            RawColumn column = columns.get(name);
            if (column == null || !type(column).equals(type)) {
                throw new IllegalArgumentException("column " + name + " has another type than in the first rows, "
                        + type + ": write the same in each call");
            }
            if (column.rows() != rows) {
                throw new IllegalArgumentException(
                        "column " + name + " has " + column.rows() + " rows, " + rows + " are expected");
            }
            ordered.add(column);
        });
        return ordered;
    }

    private static String type(RawColumn column) {
        if (column instanceof RawColumn.Longs) {
            return "BIGINT";
        }
        if (column instanceof RawColumn.Doubles) {
            return "DOUBLE";
        }
        return column instanceof RawColumn.Lists lists ? type(lists.elements()) + "[]" : "VARCHAR";
    }

    private static void append(DuckDBAppender appender, RawColumn column, int row) throws SQLException {
        if (column.isNull(row)) {
            appender.appendNull();
        } else if (column instanceof RawColumn.Longs longs) {
            appender.append(longs.value(row));
        } else if (column instanceof RawColumn.Doubles doubles) {
            appender.append(doubles.value(row));
        } else if (column instanceof RawColumn.Texts texts) {
            appender.append(texts.value(row));
        } else if (column instanceof RawColumn.Lists lists) {
            List<@Nullable Object> elements = new ArrayList<>();
            for (int i = lists.offset(row); i < lists.offset(row + 1); i++) {
                elements.add(element(lists.elements(), i));
            }
            appender.append(elements);
        }
    }

    private static @Nullable Object element(RawColumn column, int at) {
        if (column.isNull(at)) {
            return null;
        }
        if (column instanceof RawColumn.Longs longs) {
            return longs.value(at);
        }
        if (column instanceof RawColumn.Doubles doubles) {
            return doubles.value(at);
        }
        if (column instanceof RawColumn.Texts texts) {
            return texts.value(at);
        }
        throw new IllegalArgumentException("lists of lists cannot be written");
    }
}
