package dev.marquee.source.guess;

import dev.marquee.source.SourceTable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How well a column alone tells the label: the AUC of the rate of ones among the rows of the same value, learnt from one
 * half of some sampled rows and measured on the other.
 */
final class Leak {
    /** From this AUC on a column is left out. */
    static final double SUSPICIOUS = 0.99;

    private static final String PROBE = "probed";
    private static final int ROWS = 20_000;

    private final SourceTable table;

    Leak(SourceTable table, LabelGuess label) {
        this.table = table;
        table.keep(
                PROBE,
                "SELECT *, " + label.sql() + " AS \"label of the guess\", row_number() OVER () % 2 AS"
                        + " \"half of the guess\" FROM (SELECT * FROM " + ColumnFacts.SAMPLE + " LIMIT " + ROWS + ")");
    }

    /** The AUC; one half where it cannot be computed. Numbers with many values are taken to two hundred ranges. */
    double auc(ColumnFacts facts) {
        String column = ColumnFacts.quoted(facts.name());
        String value = "coalesce(CAST(" + column + " AS VARCHAR), '')";
        String rows = PROBE;
        if (facts.numeric() && facts.distinct() > 200) {
            rows = "(SELECT \"label of the guess\", \"half of the guess\", ntile(200) OVER (ORDER BY TRY_CAST(CAST("
                    + column + " AS VARCHAR) AS DOUBLE)) AS" + " \"range of the guess\" FROM " + PROBE + ")";
            value = "CAST(\"range of the guess\" AS VARCHAR)";
        }
        List<List<@Nullable String>> answer = table.rows("WITH s AS (SELECT " + value
                + " AS v, \"label of the guess\" AS y, \"half of the guess\" AS h FROM " + rows
                + " WHERE y IS NOT NULL), m AS (SELECT v, avg(y) AS rate FROM s WHERE h = 0 GROUP BY v),"
                + " t AS (SELECT coalesce(m.rate, (SELECT avg(y) FROM s)) AS rate, y FROM s LEFT JOIN m USING (v) WHERE"
                + " h = 1), r AS (SELECT y, rank() OVER (ORDER BY rate) + (count(*) OVER (PARTITION BY rate) - 1) / 2.0"
                + " AS place FROM t), n AS (SELECT sum(place) FILTER (y = 1) AS places, count(*) FILTER (y = 1) AS"
                + " ones, count(*) FILTER (y = 0) AS zeros FROM r)"
                + " SELECT (places - ones * (ones + 1) / 2.0) / (ones * zeros) FROM n WHERE ones > 0 AND zeros > 0");
        String auc = answer.isEmpty() ? null : answer.get(0).get(0);
        return auc == null ? 0.5 : Double.parseDouble(auc);
    }
}
