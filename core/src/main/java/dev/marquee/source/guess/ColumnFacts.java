package dev.marquee.source.guess;

import dev.marquee.source.SourceTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

    private static final int PER_ROW = 8;

    /** The count of all rows is about right, that of the sample exact: the greater one is nearer. */
    ColumnFacts {
        allDistinct = Math.max(distinct, allDistinct);
    }

    /** Looks at all columns, in two queries. */
    static List<ColumnFacts> of(SourceTable table, Map<String, String> types) {
        List<String> all = new ArrayList<>();
        List<String> sampled = new ArrayList<>();
        sampled.add("count(*)");
        all.add("count(*)");
        types.forEach((name, type) -> {
            String column = quoted(name);
            boolean list = list(type);
            String text = "CAST(" + column + " AS VARCHAR)";
            String number = list ? "CAST(NULL AS DOUBLE)" : "TRY_CAST(" + text + " AS DOUBLE)";
            all.add("approx_count_distinct(" + column + ")");
            sampled.add("count(" + column + ")");
            sampled.add("count(DISTINCT " + text + ")");
            sampled.add("count(" + number + ")");
            sampled.add("count(*) FILTER (regexp_full_match(" + text + ", '[-+]?(0|[1-9][0-9]*)(\\.0*)?'))");
            sampled.add(
                    "count(*) FILTER (" + number + " IS NULL AND TRY_CAST(" + text + " AS TIMESTAMPTZ) IS NOT NULL)");
            sampled.add("min(" + number + ") FILTER (isfinite(" + number + "))");
            sampled.add("max(" + number + ") FILTER (isfinite(" + number + "))");
            sampled.add("avg(" + (list ? "len(" + column + ")" : "strlen(" + text + ")") + ")");
        });
        List<@Nullable String> whole = table.rows("SELECT " + String.join(", ", all) + " FROM " + table.relation())
                .get(0);
        List<@Nullable String> part = table.rows("SELECT " + String.join(", ", sampled) + " FROM " + SAMPLE)
                .get(0);
        boolean complete = count(whole.get(0)) == count(part.get(0)); // then the exact counts are those of all rows
        List<ColumnFacts> facts = new ArrayList<>();
        for (Map.Entry<String, String> column : types.entrySet()) {
            int at = 1 + PER_ROW * facts.size();
            facts.add(new ColumnFacts(
                    column.getKey(),
                    column.getValue(),
                    count(part.get(0)),
                    count(part.get(at)),
                    count(part.get(at + 1)),
                    complete ? 0 : count(whole.get(facts.size() + 1)),
                    count(part.get(at + 2)),
                    count(part.get(at + 3)),
                    count(part.get(at + 4)),
                    number(part.get(at + 5)),
                    number(part.get(at + 6)),
                    number(part.get(at + 7))));
        }
        return facts;
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
