package dev.marquee.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a benchmark of several workers gave.
 *
 * @param threads of each worker
 * @param peer what the other side is, if there is one
 * @param rows a row for each workload and number of workers
 */
public record DistributedReport(int threads, Optional<String> peer, List<DistributedRow> rows) {
    /** Copies. */
    public DistributedReport {
        rows = List.copyOf(rows);
    }

    /**
     * The rows as plain text.
     *
     * @return lines without a last line end
     */
    public String table() {
        List<List<String>> cells = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of(
                "workload",
                "workers",
                "samples/s",
                "spread",
                "times one",
                "in each turn",
                "efficiency",
                "MB a step",
                "early"));
        peer.ifPresent(name -> head.addAll(List.of(name, "ratio", "in each turn")));
        cells.add(head);
        rows.forEach(row -> cells.add(cells(row)));
        return String.join(
                "\n",
                threads + (threads == 1 ? " thread" : " threads") + " of each worker, a batch of its own for each",
                "",
                Columns.align(cells),
                "efficiency: of as many times one worker's speed; early: gradients whose sums were there when backward ended");
    }

    private List<String> cells(DistributedRow row) {
        boolean several = row.workers() > 1;
        List<String> cells = new ArrayList<>(List.of(
                row.name(),
                String.valueOf(row.workers()),
                count(row.samplesPerSecond()),
                percent(row.spreadPercent()),
                several ? number(row.times()) : "-",
                several ? range(row.timesLow(), row.timesHigh()) : "-",
                several ? percent(100 * row.times() / row.workers()) : "-",
                several ? number(row.exchanged() / 1e6) : "-",
                several ? percent(100 * row.early()) : "-"));
        if (peer.isPresent()) {
            cells.add(row.peer() == null ? "-" : count(row.peer()));
            cells.add(row.ratio() == null ? "-" : number(row.ratio()));
            cells.add(range(row.ratioLow(), row.ratioHigh()));
        }
        return cells;
    }

    private static String range(@Nullable Double low, @Nullable Double high) {
        return low == null || high == null ? "-" : number(low) + " to " + number(high);
    }

    private static String count(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, "%.0f%%", value);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
