package dev.marquee.source;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A file as DuckDB reads it.
 *
 * @param file the file
 * @param relation what stands after FROM
 * @param columns what it gives
 */
record FileRelation(SourceFile file, String relation, List<Duck.Column> columns) {
    private static final int LINES = 200;
    /** A character that lines of separated fields do not have: each line is read as one field. */
    private static final String NO_DELIMITER = "\u001e";

    /**
     * Looks at a file.
     *
     * @param duck what it is read with
     * @param kind its format
     * @param config what is known of it
     */
    static FileRelation of(Duck duck, SourceFile file, SourceConfig.Kind kind, SourceConfig config) {
        try {
            return switch (kind) {
                case PARQUET -> described(duck, file, "read_parquet(" + path(file) + partitions(file) + ")");
                case JSON -> json(duck, file);
                default -> csv(duck, file, config);
            };
        } catch (SQLException e) {
            throw DuckFaults.of(file.path().toString(), e);
        }
    }

    /** The columns of these names, in the order of the file; complains about a name that is not there. */
    List<Duck.Column> select(Set<String> names) {
        return select(columns, names, file.path().toString());
    }

    static List<Duck.Column> select(List<Duck.Column> columns, Set<String> names, String source) {
        List<Duck.Column> selected =
                columns.stream().filter(column -> names.contains(column.name())).toList();
        if (selected.size() < names.size()) {
            List<String> missing = new ArrayList<>(names);
            columns.forEach(column -> missing.remove(column.name()));
            throw new SourceException(source + " has no column " + String.join(", ", missing) + "; it has "
                    + columns.stream().map(Duck.Column::name).collect(Collectors.joining(", ")));
        }
        return selected;
    }

    private static FileRelation described(Duck duck, SourceFile file, String relation) throws SQLException {
        return new FileRelation(file, relation, duck.describe("SELECT * FROM " + relation));
    }

    /** The values in the names of folders, day=2026-01-01, are columns too. */
    private static String partitions(SourceFile file) {
        return ", hive_partitioning = " + file.name().matches(".*=.*/.*");
    }

    /** The types of JSON are found from all of the file: one odd value late must not end a training. */
    private static FileRelation json(Duck duck, SourceFile file) throws SQLException {
        file.checkText();
        String reader = "read_json(" + path(file) + ", format = 'newline_delimited', maximum_object_size = 33554432, ";
        List<Duck.Column> columns = duck.describe("SELECT * FROM " + reader + "sample_size = -1)").stream()
                // What is now a number and now a text is a text, without the quotation marks of JSON.
                .map(column -> column.type().equals("JSON") ? new Duck.Column(column.name(), "VARCHAR") : column)
                .toList();
        String typed = columns.stream()
                .map(column -> Sql.text(column.name()) + ": " + Sql.text(column.type()))
                .collect(Collectors.joining(", ", "columns = {", "})"));
        return new FileRelation(file, reader + typed, columns);
    }

    /**
     * All columns are texts, and the schema makes numbers of them: then a word among numbers is one bad value rather
     * than the end, 007 stays 007 in all files, and it is faster too.
     */
    private static FileRelation csv(Duck duck, SourceFile file, SourceConfig config) throws SQLException {
        file.checkText();
        List<List<@Nullable String>> lines = duck.rows("SELECT coalesce(line, '') FROM read_csv("
                + path(file) + ", auto_detect = false, header = false, strict_mode = false, quote = '', escape = '',"
                + " delim = '" + NO_DELIMITER
                + "', max_line_size = 8388608, buffer_size = 16777216, columns = {'line': 'VARCHAR'}) LIMIT "
                + LINES);
        String text = lines.stream().map(row -> row.get(0) + "\n").collect(Collectors.joining());
        SourceConfig known = config.delimiter().isEmpty() && tabbed(file)
                ? new SourceConfig(
                        config.kind(),
                        Optional.of("\t"),
                        config.header(),
                        config.columns(),
                        config.nulls(),
                        config.sql())
                : config;
        CsvShape shape = CsvShape.of(file.path().toString(), text, lines.size() < LINES, known);
        List<Duck.Column> columns = shape.names().stream()
                .map(name -> new Duck.Column(name, shape.times().contains(name) ? Cells.WRITTEN_TIME : "VARCHAR"))
                .toList();
        List<String> nulls = new ArrayList<>(config.nulls());
        nulls.add("");
        String relation = "read_csv(" + path(file) + ", auto_detect = false, strict_mode = true,"
                + " quote = '\"', escape = '\"', max_line_size = 8388608, buffer_size = 16777216, delim = "
                + Sql.text(shape.delimiter())
                + ", header = " + shape.header() + ", nullstr = " + Sql.texts(nulls) + ", columns = "
                + shape.names().stream()
                        .map(name -> Sql.text(name) + ": 'VARCHAR'")
                        .collect(Collectors.joining(", ", "{", "})"));
        return new FileRelation(file, relation, columns);
    }

    private static boolean tabbed(SourceFile file) {
        return String.valueOf(file.path().getFileName()).matches("(?i).*\\.(tsv|tab)(\\.gz|\\.zst)?");
    }

    private static String path(SourceFile file) {
        return Sql.text(file.path().toString());
    }
}
