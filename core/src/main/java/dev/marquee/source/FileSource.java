package dev.marquee.source;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rows of files, or of a query over them, read through DuckDB: CSV and its kin, Parquet, JSON lines. Files are read one
 * after the other in the order of their names, a few thousand rows at a time; memory does not depend on their size.
 *
 * <p>Every reader works on the thread that calls it and, unless told otherwise, on no other.
 *
 * <p>Columns of CSV files come as texts, and points in time among them, such as {@code 2026-01-31 12:00:00}, as whole
 * numbers; the schema reads numbers from texts. A query sees numbers as numbers, if all values of a column are. Files
 * that a query names without their folder are looked for in that of the source's path.
 */
public final class FileSource implements RowSource {
    private final SourceConfig config;
    private final int threads;
    private final @Nullable SourceFiles files;
    private final List<FileRelation> relations;
    /** Files that the query names. */
    private final List<SourceFile> named;
    /** How DuckDB makes the view data; null without files or a query. */
    private final @Nullable String view;

    private final @Nullable String query;
    private final List<Duck.Column> columns;

    private FileSource(Duck duck, SourceConfig config, @Nullable SourceFiles files, int threads) throws SQLException {
        this.config = config;
        this.threads = threads;
        this.files = files;
        List<FileRelation> found = new ArrayList<>();
        if (files != null) {
            for (SourceFile file : files.files()) {
                found.add(FileRelation.of(duck, file, files.kind(), config));
            }
        }
        this.relations = List.copyOf(found);
        this.query = config.sql().map(FileSource::bare).orElse(null);
        this.named = query == null ? List.of() : NamedFiles.of(query, files == null ? null : files.folder());
        if (query == null) {
            this.view = null;
            this.columns = relations.get(0).columns();
        } else {
            this.view = files == null ? null : DataView.typed(duck, relations, files.kind());
            prepare(duck);
            this.columns = duck.describe("SELECT * FROM " + query);
        }
    }

    /**
     * Opens files, or a query, with one thread.
     *
     * @param config how they are read
     * @param path a file, a folder, whose files of one known format are read, those of its folders too and hidden ones
     *     not, or a glob such as {@code logs/2026-*.csv.gz}; empty for a query that names its own files
     * @return the source
     * @throws SourceException when there is no such file, or it is not what it should be
     */
    public static FileSource open(SourceConfig config, Optional<String> path) {
        return open(config, path, 1);
    }

    /**
     * Opens files, or a query.
     *
     * @param config how they are read
     * @param path a file, a folder or a glob; empty for a query that names its own files
     * @param threads how many threads DuckDB uses, the reading one included; the order of rows does not depend on it
     * @return the source
     * @throws SourceException when there is no such file, or it is not what it should be
     */
    public static FileSource open(SourceConfig config, Optional<String> path, int threads) {
        if (path.isEmpty() && config.sql().isEmpty()) {
            throw new SourceException("there is nothing to read: give data.path, or a query in data.format.sql");
        }
        SourceFiles files =
                path.map(text -> SourceFiles.find(text, config.kind())).orElse(null);
        try (Duck duck = Duck.open(threads)) {
            return new FileSource(duck, config, files, threads);
        } catch (SQLException e) {
            throw DuckFaults.of(config.sql().isPresent() ? "data.format.sql" : path.orElse(""), e);
        }
    }

    @Override
    public String description() {
        String of = "";
        if (files != null) {
            SourceFile first = files.files().get(0);
            int count = files.files().size();
            of = count == 1 ? first.path().toString() : count + " files, " + first.path() + " the first";
        }
        return query == null ? of : of.isEmpty() ? "a query" : "a query over " + of;
    }

    @Override
    public String fingerprint() {
        StringBuilder identity = new StringBuilder(config.toString());
        for (SourceFile file : all()) {
            identity.append('\n').append(file.name());
            identity.append(' ').append(file.size()).append(' ').append(file.modified());
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(identity.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    @Override
    public List<String> columns() {
        return columns.stream().map(Duck.Column::name).toList();
    }

    /**
     * The types of the columns, in words: {@code whole number}, {@code text}, {@code list of number}.
     *
     * @return by name, in the order of the columns
     */
    public Map<String, String> types() {
        Map<String, String> types = new LinkedHashMap<>();
        columns.forEach(column -> types.put(column.name(), Cells.words(column.type())));
        return Collections.unmodifiableMap(types);
    }

    @Override
    public Reader open(Set<String> wanted) {
        Duck duck = Duck.open(threads);
        try {
            prepare(duck);
            List<FileReader.Part> parts = new ArrayList<>();
            if (query == null) {
                for (FileRelation relation : relations) {
                    parts.add(new FileReader.Part(
                            relation.relation(),
                            relation.select(wanted),
                            relation.file().path().toString(),
                            List.of(relation.file())));
                }
            } else {
                parts.add(new FileReader.Part(
                        query, FileRelation.select(columns, wanted, "the query"), "the query", all()));
            }
            return new FileReader(duck, parts);
        } catch (SQLException e) {
            duck.close();
            throw DuckFaults.of("data.format.sql", e);
        } catch (RuntimeException e) {
            duck.close();
            throw e;
        }
    }

    /**
     * Opens the rows for questions in SQL, with the threads that the source was opened with.
     *
     * @return the table; close it
     */
    public SourceTable table() {
        Duck duck = Duck.open(threads);
        try {
            prepare(duck);
            String relation = query;
            if (relation == null) {
                SourceConfig.Kind kind = files == null ? SourceConfig.Kind.AUTO : files.kind();
                relation = DataView.plain(relations, kind);
            }
            return new SourceTable(duck, relation, description(), columns);
        } catch (SQLException e) {
            duck.close();
            throw DuckFaults.of(description(), e);
        } catch (RuntimeException e) {
            duck.close();
            throw e;
        }
    }

    /**
     * How the files are read.
     *
     * @return what was given
     */
    public SourceConfig config() {
        return config;
    }

    /** All files that are known to be read: those of the path, and those that the query names. */
    private List<SourceFile> all() {
        List<SourceFile> all = new ArrayList<>(files == null ? List.of() : files.files());
        all.addAll(named);
        return all;
    }

    private void prepare(Duck duck) throws SQLException {
        if (query != null && files != null) {
            duck.execute("SET file_search_path = "
                    + Sql.text(files.folder().toAbsolutePath().toString()));
        }
        if (view != null) {
            duck.execute("CREATE VIEW data AS SELECT * FROM " + view);
        }
    }

    /** The query as what stands after FROM. */
    private static String bare(String sql) {
        String text = sql.strip();
        while (text.endsWith(";")) {
            text = text.substring(0, text.length() - 1).strip();
        }
        return "(\n" + text + "\n)"; // a comment may end the text
    }
}
