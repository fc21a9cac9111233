package dev.marquee.source.guess;

import dev.marquee.source.SourceTable;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Whether columns hold values of the same kind. */
final class Overlap {
    private static final double ENOUGH = 0.5;
    private static final int FEW = 20;

    private final SourceTable table;

    Overlap(SourceTable table) {
        this.table = table;
    }

    /** The single values of a column of lists. */
    static String elements(String list) {
        return "SELECT CAST(e AS VARCHAR) AS v FROM (SELECT unnest(" + ColumnFacts.quoted(list) + ") AS e FROM "
                + ColumnFacts.SAMPLE + ") WHERE e IS NOT NULL";
    }

    /** The single values of a column of texts with separators. */
    static String pieces(String text, String separator) {
        return "SELECT trim(e) AS v FROM (SELECT unnest(string_split(" + ColumnFacts.quoted(text) + ", '" + separator
                + "')) AS e FROM " + ColumnFacts.SAMPLE + ") WHERE trim(e) <> ''";
    }

    /** The values of several columns. */
    static String values(List<String> columns) {
        return columns.stream()
                .map(column -> "SELECT CAST(" + ColumnFacts.quoted(column) + " AS VARCHAR) AS v FROM "
                        + ColumnFacts.SAMPLE + " WHERE " + ColumnFacts.quoted(column) + " IS NOT NULL")
                .collect(Collectors.joining(" UNION ALL "));
    }

    /**
     * The column that holds values of the same kind: one of a similar name before all others, then the one whose values
     * are most like them. Empty where none holds half of them; numbers from 1 on are in many columns, so a column must
     * not hold much else either.
     */
    Optional<String> target(String name, String values, List<ColumnFacts> candidates) {
        String best = null;
        double bestShare = 0;
        for (ColumnFacts candidate : candidates) {
            boolean akin = Names.akin(name, candidate.name());
            if (candidate.distinct() < FEW && !akin) {
                continue;
            }
            double share = share(values, List.of(candidate.name()));
            if (share < ENOUGH) {
                continue;
            }
            double both = (akin ? 1 : 0) + share * share(values(List.of(candidate.name())), values);
            if (both > bestShare) {
                best = candidate.name();
                bestShare = both;
            }
        }
        return Optional.ofNullable(best);
    }

    /** The share of the values that occur in some columns too. */
    double share(String values, List<String> columns) {
        return share(values, values(columns));
    }

    private double share(String values, String others) {
        return number(
                "SELECT avg(CAST(v IN (SELECT DISTINCT v FROM (" + others + ")) AS INTEGER)) FROM (" + values + ")");
    }

    /** How many different values there are for one that is different: 1 where each occurs once. */
    double repetition(String values) {
        return number("SELECT count(v) / greatest(1, count(DISTINCT v)) FROM (" + values + ")");
    }

    /** The share of a column's texts in which a separator occurs. */
    double separated(String column, String separator) {
        return number("SELECT avg(CAST(contains(" + ColumnFacts.quoted(column) + ", '" + separator
                + "') AS INTEGER)) FROM " + ColumnFacts.SAMPLE);
    }

    /** Whether nearly all texts are whole numbers with a separator between them. */
    boolean digits(String column, String separator) {
        return number("SELECT avg(CAST(regexp_full_match(" + ColumnFacts.quoted(column) + ", '[0-9]+(" + separator
                        + " ?[0-9]+)*') AS INTEGER)) FROM " + ColumnFacts.SAMPLE)
                > 0.95;
    }

    /** Whether two lengths are the same in every row, and not the same number in all rows. */
    boolean parallel(String length, String other) {
        return number("SELECT CASE WHEN bool_and(" + length + " = " + other + ") AND count(DISTINCT " + length
                        + ") > 2 THEN 1 ELSE 0 END FROM " + ColumnFacts.SAMPLE)
                > 0;
    }

    private double number(String sql) {
        List<List<@Nullable String>> rows = table.rows(sql);
        String value = rows.isEmpty() ? null : rows.get(0).get(0);
        return value == null ? 0 : Double.parseDouble(value);
    }
}
