package dev.marquee.schema;

/**
 * The times of a column as numbers whose order is that of time, for cutting rows before anything is learnt of them. What
 * is a time is what the schema takes for one: a number, a date ({@code 2026-11-24}) or a point in time ({@code
 * 2026-11-24T10:00:00Z}, or with a blank for the T; UTC where no zone stands). Numbers are not rounded.
 */
public final class TimeOrder {
    /** Older than every time. */
    public static final long NONE = Long.MIN_VALUE;

    private TimeOrder() {}

    /**
     * A row's place in time. Only values of the same column can be compared.
     *
     * @param column of single values
     * @param row from 0
     * @return a number, the greater the later; {@link #NONE} for null and for what is no time
     */
    public static long of(RawColumn column, int row) {
        if (column.isNull(row)) {
            return NONE;
        }
        if (column instanceof RawColumn.Longs longs) {
            return Math.max(longs.value(row), NONE + 1);
        }
        double number = SideColumns.timeAsNumber(column, row);
        if (Double.isNaN(number) && column instanceof RawColumn.Texts texts) {
            long micros = IsoTime.micros(texts.bytes(), texts.offset(row), texts.offset(row + 1));
            return micros == IsoTime.NONE ? NONE : ordered(micros);
        }
        return ordered(number);
    }

    /** The bits of a double, turned so that their order as whole numbers is that of the doubles. */
    private static long ordered(double value) {
        if (Double.isNaN(value)) {
            return NONE;
        }
        long bits = Double.doubleToLongBits(value + 0.0);
        return bits ^ ((bits >> 63) & Long.MAX_VALUE);
    }
}
