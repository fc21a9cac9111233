package dev.marquee.source.guess;

import dev.marquee.source.SourceTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a sample of the rows tells of a column.
 *
 * @param name the column's
 * @param type DuckDB's, VARCHAR for all columns of CSV files
 * @param rows of the sample
 * @param present rows with a value
 * @param distinct values in the sample
 * @param allDistinct values in all rows, about
 * @param numbers rows whose value is a number
 * @param wholes rows whose value is a whole number without leading zeros
 * @param times rows whose value is a point in time and not a number
 * @param least the least number, NaN where there is none
 * @param most the greatest number
 * @param length the mean length of the values as texts; of lists, the mean number of elements
 */
record ColumnFacts(
        String name,
        String type,
        long rows,
        long present,
        long distinct,
        long allDistinct,
        long numbers,
        long wholes,
        long times,
        double least,
        double most,
        double length) {
    /** The table of sampled rows. */
    static final String SAMPLE = "sampled";

    /** Of more values in the sample there may be many more in all rows: they are counted there. */
    private static final int MANY = 10_000;

    /** The count of all rows is about right, that of the sample exact: the greater one is nearer. */
    ColumnFacts {
        allDistinct = Math.max(distinct, allDistinct);
    }

    /**
     * Looks at all columns. Whatever is asked of a value is asked once for all rows that have it.
     *
     * @param complete whether the sample holds all rows
     */
    static List<ColumnFacts> of(SourceTable table, Map<String, String> types, long rows, boolean complete) {
        List<ColumnFacts> facts = new ArrayList<>();
        types.forEach((name, type) -> facts.add(of(table, name, type, rows)));
        List<ColumnFacts> many =
                facts.stream().filter(column -> column.distinct() > MANY).toList();
        if (complete || many.isEmpty()) {
            return facts;
        }
        String counts = many.stream()
                .map(column -> "approx_count_distinct(" + quoted(column.name()) + ")")
                .collect(Collectors.joining(", "));
        List<@Nullable String> all =
                table.rows("SELECT " + counts + " FROM " + table.relation()).get(0);
        for (int i = 0; i < many.size(); i++) {
            facts.set(facts.indexOf(many.get(i)), many.get(i).withAllDistinct(count(all.get(i))));
        }
        return facts;
    }

    private static ColumnFacts of(SourceTable table, String name, String type, long rows) {
        String column = quoted(name);
        String length = list(type) ? "len(any_value(" + column + "))" : "strlen(v)";
        String number = list(type) ? "CAST(NULL AS DOUBLE)" : "TRY_CAST(v AS DOUBLE)";
        List<@Nullable String> found = table.rows(
                        "WITH d AS (SELECT CAST(" + column + " AS VARCHAR) AS v, count(*) AS n, "
                                + length + " AS l, " + number + " AS x FROM " + SAMPLE + " WHERE " + column
                                + " IS NOT NULL GROUP BY v) SELECT sum(n), count(*), sum(n) FILTER (x IS NOT NULL), sum(n)"
                                + " FILTER (regexp_full_match(v, '[-+]?(0|[1-9][0-9]*)(\\.0*)?')), sum(n) FILTER (x IS NULL AND"
                                + " TRY_CAST(v AS TIMESTAMPTZ) IS NOT NULL), min(x) FILTER (isfinite(x)), max(x) FILTER"
                                + " (isfinite(x)), sum(n * l) / sum(n) FROM d")
                .get(0);
        return new ColumnFacts(
                name,
                type,
                rows,
                count(found.get(0)),
                count(found.get(1)),
                0,
                count(found.get(2)),
                count(found.get(3)),
                count(found.get(4)),
                number(found.get(5)),
                number(found.get(6)),
                number(found.get(7)));
    }

    boolean list() {
        return list(type);
    }

    /** Whether a few values at most are no numbers. */
    boolean numeric() {
        return present > 0 && numbers >= 0.95 * present && !type.equals("BOOLEAN");
    }

    boolean whole() {
        return numeric() && wholes == numbers;
    }

    /** Whether all values are points in time, by their type or by their looks. */
    boolean time() {
        return type.equals("DATE") || type.startsWith("TIMESTAMP") || (present > 0 && times == present && length >= 8);
    }

    /** What to know, in a few words. */
    String words() {
        String missing = present == rows ? "" : ", " + percent((rows - present) / (double) rows) + " missing";
        String odd = numeric() && numbers < present
                ? ", " + percent((present - numbers) / (double) present) + " are no numbers and count as missing"
                : "";
        return (list() ? "lists of " + Math.round(length) + " elements" : allDistinct + " distinct values")
                + missing
                + odd;
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, share < 0.001 ? "%.2g %%" : "%.1f %%", 100 * share);
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private ColumnFacts withAllDistinct(long all) {
        return new ColumnFacts(name, type, rows, present, distinct, all, numbers, wholes, times, least, most, length);
    }

    private static boolean list(String type) {
        return type.endsWith("]");
    }

    private static long count(@Nullable String text) {
        return text == null ? 0 : Long.parseLong(text);
    }

    private static double number(@Nullable String text) {
        return text == null ? Double.NaN : Double.parseDouble(text);
    }
}
