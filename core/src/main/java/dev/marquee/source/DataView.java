package dev.marquee.source;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All files as one relation, in their order; columns that a file lacks are null in its rows. */
final class DataView {
    private DataView() {}

    /** The relation with the types of the files: texts, where they are separated fields. */
    static String plain(List<FileRelation> files, SourceConfig.Kind kind) {
        if (files.size() == 1) {
            return files.get(0).relation();
        }
        if (kind == SourceConfig.Kind.PARQUET) {
            boolean partitions = files.get(0).relation().endsWith("hive_partitioning = true)");
            return "read_parquet("
                    + Sql.texts(files.stream()
                            .map(part -> part.file().path().toString())
                            .toList())
                    + ", union_by_name = true, hive_partitioning = " + partitions + ")";
        }
        return files.stream()
                .map(part -> "SELECT * FROM " + part.relation())
                .collect(Collectors.joining(" UNION ALL BY NAME ", "(", ")"));
    }

    /**
     * The relation for queries, which count on numbers being numbers. A column of separated fields becomes whole
     * numbers, numbers or points in time when all of its values, from the first to the last row, can be read so.
     */
    static String typed(Duck duck, List<FileRelation> files, SourceConfig.Kind kind) throws SQLException {
        String plain = plain(files, kind);
        if (kind != SourceConfig.Kind.CSV) {
            return plain;
        }
        Set<String> names = new LinkedHashSet<>();
        files.forEach(part -> part.columns().forEach(column -> names.add(column.name())));
        List<String> counts = new ArrayList<>();
        for (String name : names) {
            String column = Sql.name(name);
            counts.add("count(" + column + ")");
            // A leading zero belongs to an id: as a number it would be lost. A cast alone would round 2.5.
            counts.add("count(TRY_CAST(" + column + " AS BIGINT)) FILTER (regexp_full_match(" + column
                    + ", '[-+]?(0|[1-9][0-9]*)'))");
            // Nor may an id of twenty digits be rounded.
            counts.add("count(TRY_CAST(" + column + " AS DOUBLE)) FILTER (NOT regexp_matches(" + column
                    + ", '^0[0-9]|^[-+]?[0-9]{19,}$'))");
            counts.add("count(TRY_CAST(" + column + " AS TIMESTAMP))");
        }
        List<@Nullable String> row = duck.rows("SELECT " + String.join(", ", counts) + " FROM " + plain)
                .get(0);
        List<String> casts = new ArrayList<>();
        int at = 0;
        for (String name : names) {
            casts.add("CAST(" + Sql.name(name) + " AS " + type(row.subList(at, at + 4)) + ") AS " + Sql.name(name));
            at += 4;
        }
        return "(SELECT " + String.join(", ", casts) + " FROM " + plain + ")";
    }

    private static String type(List<@Nullable String> counts) {
        String all = String.valueOf(counts.get(0));
        if (all.equals("0")) {
            return "VARCHAR";
        }
        if (all.equals(counts.get(1))) {
            return "BIGINT";
        }
        if (all.equals(counts.get(2))) {
            return "DOUBLE";
        }
        return all.equals(counts.get(3)) ? "TIMESTAMP" : "VARCHAR";
    }
}
