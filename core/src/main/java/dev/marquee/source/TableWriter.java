package dev.marquee.source;

import dev.marquee.schema.RawColumn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows to a CSV or Parquet file, by the ending of its name. The file is there whole or not at all: rows gather in
 * a temporary file beside it until {@link #commit}. Lists become texts with {@code |} between their values in CSV. One
 * thread.
 */
public final class TableWriter implements AutoCloseable {
    private final Path target;
    private final Path rows;
    private final Path temporary;
    private final DuckDBConnection connection;
    private Map<String, String> types = Map.of();
    private @Nullable DuckDBAppender appender;

    private TableWriter(Path target, Path rows, Path temporary, DuckDBConnection connection) {
        this.target = target;
        this.rows = rows;
        this.temporary = temporary;
        this.connection = connection;
    }

    /**
     * Begins a file.
     *
     * @param target where the rows go when they are committed
     * @return the writer; close it
     * @throws IllegalArgumentException when the name ends with neither {@code .csv} nor {@code .parquet}, or there is no
     *     such folder
     */
    public static TableWriter open(Path target) {
        if (!isCsv(target) && !target.toString().toLowerCase(Locale.ROOT).endsWith(".parquet")) {
            throw new IllegalArgumentException(
                    "rows are written to files whose names end with .csv or .parquet, not to " + target);
        }
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(target)) {
            throw new IllegalArgumentException("cannot write " + target + ": "
                    + (Files.isDirectory(target) ? "it is a folder" : "there is no folder " + folder));
        }
        String name = "." + target.getFileName() + "." + ProcessHandle.current().pid();
        Path rows = folder.resolve(name + ".rows");
        try {
            Files.deleteIfExists(rows);
            Properties settings = new Properties();
            settings.setProperty("preserve_insertion_order", "true");
            settings.setProperty("memory_limit", "1GiB");
            settings.setProperty("autoinstall_known_extensions", "false");
            return new TableWriter(target, rows, folder.resolve(name + ".tmp"), (DuckDBConnection)
                    DriverManager.getConnection("jdbc:duckdb:" + rows, settings));
        } catch (IOException | SQLException e) {
            throw failure(target, e);
        }
    }

    /**
     * Writes rows.
     *
     * @param count how many
     * @param columns by name, each with that many rows; the same names and types each time
     */
    public void write(int count, Map<String, RawColumn> columns) {
        try {
            DuckDBAppender open = appender;
            if (open == null) {
                create(columns);
                open = connection.createAppender("rows");
                appender = open;
            }
            RawColumn[] inOrder = types.keySet().stream().map(columns::get).toArray(RawColumn[]::new);
            for (int row = 0; row < count; row++) {
                open.beginRow();
                for (RawColumn column : inOrder) {
                    append(open, column, row);
                }
                open.endRow();
            }
        } catch (SQLException e) {
            throw failure(target, e);
        }
    }

    /** Puts the file in its place. Nothing can be written after that. */
    public void commit() {
        DuckDBAppender open = appender;
        if (open == null) {
            throw new IllegalStateException("nothing was written to " + target);
        }
        try {
            open.close();
            appender = null;
            execute("COPY (SELECT " + selection() + " FROM rows) TO '"
                    + temporary.toString().replace("'", "''") + "' "
                    + (isCsv(target) ? "(FORMAT csv, HEADER)" : "(FORMAT parquet, COMPRESSION zstd)"));
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | SQLException e) {
            throw failure(target, e);
        }
    }

    @Override
    public void close() {
        try {
            DuckDBAppender open = appender;
            if (open != null) {
                open.close();
            }
            connection.close();
        } catch (SQLException e) {
            throw failure(target, e);
        } finally {
            delete();
        }
    }

    private void create(Map<String, RawColumn> columns) throws SQLException {
        Map<String, String> found = new LinkedHashMap<>();
        columns.forEach((name, column) -> found.put(name, type(column)));
        types = found;
        execute("CREATE TABLE rows ("
                + found.entrySet().stream()
                        .map(entry -> quoted(entry.getKey()) + " " + entry.getValue())
                        .collect(Collectors.joining(", "))
                + ")");
    }

    private String selection() {
        return types.entrySet().stream()
                .map(entry -> isCsv(target) && entry.getValue().endsWith("[]")
                        ? "array_to_string(" + quoted(entry.getKey()) + ", '|') AS " + quoted(entry.getKey())
                        : quoted(entry.getKey()))
                .collect(Collectors.joining(", "));
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void delete() {
        try {
            for (Path path : List.of(temporary, rows, rows.resolveSibling(rows.getFileName() + ".wal"))) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw failure(target, e);
        }
    }

    private static boolean isCsv(Path path) {
        return path.toString().toLowerCase(Locale.ROOT).endsWith(".csv");
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String type(RawColumn column) {
        if (column instanceof RawColumn.Longs) {
            return "BIGINT";
        } else if (column instanceof RawColumn.Doubles) {
            return "DOUBLE";
        } else if (column instanceof RawColumn.Lists lists) {
            return type(lists.elements()) + "[]";
        }
        return "VARCHAR";
    }

    private static void append(DuckDBAppender to, RawColumn column, int row) throws SQLException {
        if (column.isNull(row)) {
            to.appendNull();
        } else if (column instanceof RawColumn.Longs longs) {
            to.append(longs.value(row));
        } else if (column instanceof RawColumn.Doubles doubles) {
            to.append(doubles.value(row));
        } else if (column instanceof RawColumn.Texts texts) {
            to.append(texts.value(row));
        } else if (column instanceof RawColumn.Lists lists) {
            appendList(to, lists, row);
        }
    }

    private static void appendList(DuckDBAppender to, RawColumn.Lists lists, int row) throws SQLException {
        int begin = lists.offset(row);
        int size = lists.offset(row + 1) - begin;
        if (lists.elements() instanceof RawColumn.Longs longs) {
            long[] values = new long[size];
            Arrays.setAll(values, i -> longs.value(begin + i));
            to.append(values);
        } else if (lists.elements() instanceof RawColumn.Doubles doubles) {
            double[] values = new double[size];
            Arrays.setAll(values, i -> doubles.value(begin + i));
            to.append(values);
        } else {
            throw new IllegalArgumentException("lists of numbers can be written, other lists cannot");
        }
    }

    private static UncheckedIOException failure(Path target, Exception e) {
        String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new UncheckedIOException("cannot write " + target + ": " + reason, new IOException(e));
    }
}
