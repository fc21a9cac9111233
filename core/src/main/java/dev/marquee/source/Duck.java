package dev.marquee.source;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * A DuckDB of one's own, in memory: it fetches no extensions, reads nobody's settings, and leaves nothing behind. What
 * does not fit its memory goes to a temporary folder while it is open. One thread.
 */
final class Duck implements AutoCloseable {
    private static final AtomicLong COUNT = new AtomicLong();
    private static final long LEAST = 512L << 20;

    private final DuckDBConnection connection;
    private final Path temporary;

    private Duck(DuckDBConnection connection, Path temporary) {
        this.connection = connection;
        this.temporary = temporary;
    }

    /**
     * Starts one.
     *
     * @param threads that it computes with, the caller's included
     */
    static Duck open(int threads) {
        Path temporary = Path.of(
                System.getProperty("java.io.tmpdir"),
                "marquee-duckdb-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet());
        Properties settings = new Properties();
        settings.setProperty("threads", Integer.toString(threads));
        settings.setProperty("memory_limit", memory() / (1 << 20) + "MiB");
        settings.setProperty("temp_directory", temporary.toString());
        settings.setProperty("autoinstall_known_extensions", "false");
        settings.setProperty("autoload_known_extensions", "false");
        settings.setProperty("preserve_insertion_order", "true");
        try {
            DuckDBConnection connection = (DuckDBConnection) DriverManager.getConnection("jdbc:duckdb:", settings);
            Duck duck = new Duck(connection, temporary);
            // Points in time without a zone are in UTC, wherever the machine stands.
            duck.execute("SET TimeZone = 'UTC'");
            return duck;
        } catch (SQLException e) {
            throw new SourceException("DuckDB does not start: " + DuckFaults.first(String.valueOf(e.getMessage())), e);
        }
    }

    /** A quarter of the machine's memory: the rest is for the heap, the tables of embeddings and the page cache. */
    private static long memory() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            return Math.max(LEAST, system.getTotalMemorySize() / 4);
        }
        return LEAST;
    }

    DuckDBConnection connection() {
        return connection;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The rows of a small result, as texts. */
    List<List<@Nullable String>> rows(String sql) throws SQLException {
        List<List<@Nullable String>> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<@Nullable String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(result.getString(i));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /** The names and types of a query's columns. */
    List<Column> describe(String query) throws SQLException {
        List<Column> columns = new ArrayList<>();
        for (List<@Nullable String> row : rows("DESCRIBE " + query)) {
            columns.add(new Column(String.valueOf(row.get(0)), String.valueOf(row.get(1))));
        }
        return columns;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new SourceException("DuckDB does not close: " + e.getMessage(), e);
        } finally {
            deleteTemporary();
        }
    }

    private void deleteTemporary() {
        try {
            Files.deleteIfExists(temporary); // DuckDB has deleted the files in it
        } catch (IOException e) {
            temporary.toFile().deleteOnExit();
        }
    }

    /**
     * A column of a query.
     *
     * @param name its name
     * @param type its type, as DuckDB writes it
     */
    record Column(String name, String type) {}
}
