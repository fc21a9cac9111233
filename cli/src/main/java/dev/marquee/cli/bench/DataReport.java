package dev.marquee.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the benchmark of data gave.
 *
 * @param logRows rows of the log
 * @param copy GB/s of copies in main memory with one thread, measured in the same run
 * @param rows a row for each way
 */
public record DataReport(long logRows, double copy, List<DataRow> rows) {
    /** Copies the rows. */
    public DataReport {
        rows = List.copyOf(rows);
    }

    /**
     * The report for people.
     *
     * @return lines, without a line end after the last
     */
    public String table() {
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of("way", "rows/s", "spread", "target", "ratio", "MB/s", "% of copy"));
        rows.forEach(row -> cells.add(List.of(
                row.name(),
                shown("%,.0f", row.value()),
                shown("%.0f%%", row.spreadPercent()),
                shown("%,.0f", row.target()),
                shown("%.2f", row.ratio()),
                shown("%,.0f", row.bytes() == null ? null : row.bytes() / 1e6),
                shown("%.1f%%", row.rooflinePercent()))));
        return String.format(
                        Locale.ROOT,
                        "%,d rows of %d features; one thread; copies in memory: %.1f GB/s",
                        logRows,
                        MadeLog.FEATURES,
                        copy)
                + "\n\n"
                + Columns.align(cells);
    }

    private static String shown(String format, @Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, format, value);
    }
}
