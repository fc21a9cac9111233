package dev.marquee.serving;

import dev.marquee.schema.RawColumn;
import java.util.Arrays;

/** A user's value, once for each candidate: for a feature that reads columns of both. */
final class Repeated {
    private Repeated() {}

    static RawColumn of(RawColumn one, int rows) {
        if (one.isNull(0)) {
            return RawRows.nulls(rows);
        }
        if (one instanceof RawColumn.Longs longs) {
            long[] values = new long[rows];
            Arrays.fill(values, longs.value(0));
            return new RawColumn.Longs(values, null);
        }
        if (one instanceof RawColumn.Doubles doubles) {
            double[] values = new double[rows];
            Arrays.fill(values, doubles.value(0));
            return new RawColumn.Doubles(values, null);
        }
        if (one instanceof RawColumn.Texts texts) {
            String[] values = new String[rows];
            Arrays.fill(values, texts.value(0));
            return RawColumn.Texts.of(values);
        }
        // Features of several columns take single values only; the schema says so with the name of the column.
        return new RawColumn.Lists(new int[rows + 1], null, RawRows.nulls(0));
    }
}
