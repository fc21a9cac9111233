package dev.marquee.source;

import java.util.ArrayList;
import java.util.List;

/**
 * Which cells a query must give for some columns, and where they stand in its result: first a number that is 1 in every
 * row but the last, then the columns' numbers, then one text that joins all texts of the row.
 *
 * <p>The last row, in which that number is 0, tells that the result is whole: where reading fails halfway, the chunk
 * interface of DuckDB ends as if there were no more rows.
 */
final class RowPlan {
    private final List<Place> places = new ArrayList<>();
    private final List<String> numbers = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();
    private final List<Integer> lengths = new ArrayList<>();

    RowPlan(List<Duck.Column> columns) {
        numbers.add("CAST(1 AS BIGINT)");
        columns.forEach(this::add);
    }

    /**
     * Where a column's cells stand.
     *
     * @param name the column's
     * @param cells how it travels
     * @param number the first of its numbers that are no lengths of texts, -1 where there is none
     * @param text the first of its texts, -1 where there is none
     */
    record Place(String name, Cells cells, int number, int text) {}

    List<Place> places() {
        return places;
    }

    int texts() {
        return texts.size();
    }

    /** The number that holds a text's length in bytes. */
    int length(int text) {
        return lengths.get(text);
    }

    /** The column of all texts of a row. */
    int packed() {
        return numbers.size();
    }

    /** The query, ended by the row that tells that all is there. */
    String query(String relation) {
        StringBuilder end = new StringBuilder("SELECT CAST(0 AS BIGINT)");
        int others = numbers.size() - 1 + (texts.isEmpty() ? 0 : 1);
        end.append(", NULL".repeat(others));
        return "SELECT " + cells() + " FROM " + relation + " UNION ALL " + end;
    }

    /** A query that computes the same cells, and whose faults are reported. */
    String check(String relation) {
        return "SELECT sum(hash(" + cells() + ") % 2) FROM " + relation;
    }

    private String cells() {
        String joined = String.join(", ", numbers);
        return texts.isEmpty() ? joined : joined + ", concat(" + String.join(", ", texts) + ")";
    }

    private void add(Duck.Column column) {
        Cells cells = Cells.of(column.type());
        String name = Sql.name(column.name());
        switch (cells) {
            case LONG, DOUBLE -> place(column, cells, number(Cells.single(name, column.type())), -1);
            case TEXT -> place(column, cells, -1, text(Cells.single(name, column.type())));
            case TIME_TEXT -> {
                String time = "TRY_CAST(" + name + " AS TIMESTAMPTZ)";
                place(
                        column,
                        cells,
                        number("epoch_us(" + time + ")"),
                        text("CASE WHEN " + time + " IS NULL THEN " + name + " END"));
            }
            case LONGS, DOUBLES ->
                place(
                        column,
                        cells,
                        count(name),
                        text(joined(
                                name,
                                "CAST(" + Cells.single("e", Cells.element(column.type())) + " AS VARCHAR)",
                                "''",
                                " ")));
            case TEXTS -> {
                String element = Cells.single("e", Cells.element(column.type()));
                int first = text(joined(name, "strlen(" + element + ")", "-1", " "));
                text(joined(name, element, "''", ""));
                place(column, cells, count(name), first);
            }
            case NONE ->
                throw new SourceException("column " + column.name() + " is of the type " + column.type()
                        + ", which is no feature: take it apart with data.format.sql, such as SELECT *, "
                        + Sql.name(column.name()) + ".part AS part FROM data");
        }
    }

    private static String joined(String name, String element, String absent, String separator) {
        return "array_to_string(list_transform(" + name + ", lambda e: coalesce(" + element + ", " + absent + ")), "
                + Sql.text(separator) + ")";
    }

    private void place(Duck.Column column, Cells cells, int number, int text) {
        places.add(new Place(column.name(), cells, number, text));
    }

    private int count(String name) {
        return number("CAST(len(" + name + ") AS BIGINT)");
    }

    private int number(String expression) {
        numbers.add(expression);
        return numbers.size() - 1;
    }

    private int text(String expression) {
        lengths.add(number("strlen(" + expression + ")"));
        texts.add(expression);
        return texts.size() - 1;
    }
}
