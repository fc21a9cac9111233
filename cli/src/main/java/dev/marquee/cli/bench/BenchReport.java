package dev.marquee.cli.bench;

import dev.marquee.measure.Roofline;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a benchmark gave.
 *
 * @param threads of both sides
 * @param roofline of this machine, measured in the same run
 * @param peer the other side's name
 * @param rows a row for each workload
 */
public record BenchReport(int threads, Roofline roofline, Optional<String> peer, List<BenchRow> rows) {
    /** Copies the rows. */
    public BenchReport {
        rows = List.copyOf(rows);
    }

    /**
     * The report for people.
     *
     * @return lines, without a line end after the last
     */
    public String table() {
        boolean compiled = rows.stream().anyMatch(row -> row.peerCompiled() != null);
        List<List<String>> cells = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("workload", "samples/s", "spread", "GFLOP/s", "% of roof"));
        peer.ifPresent(name -> {
            head.add(name);
            if (compiled) {
                head.add("compiled");
            }
            head.addAll(List.of("ratio", "in each turn"));
        });
        cells.add(head);
        rows.forEach(row -> cells.add(cells(row, compiled)));
        String roof = String.format(
                Locale.ROOT,
                "%d thread%s; roof: %.0f GFLOP/s in float32 matrix products%s",
                threads,
                threads == 1 ? "" : "s",
                roofline.peak(),
                roofline.bfloat16()
                        .map(rates -> String.format(Locale.ROOT, ", %.0f in bfloat16", rates.max()))
                        .orElse(""));
        List<String> lines = new ArrayList<>(List.of(roof, "", Columns.align(cells)));
        if (compiled) {
            lines.add("ratio: to the faster of the two");
        }
        rows.stream()
                .map(BenchRow::peerFault)
                .filter(Objects::nonNull)
                .distinct()
                .forEach(fault -> lines.add("not compiled there (" + named(fault) + "): " + fault));
        return String.join("\n", lines);
    }

    private String named(String fault) {
        return rows.stream()
                .filter(row -> fault.equals(row.peerFault()))
                .map(BenchRow::name)
                .collect(Collectors.joining("; "));
    }

    private static List<String> cells(BenchRow row, boolean compiled) {
        List<String> cells = new ArrayList<>(List.of(
                row.name(),
                count(row.value()),
                String.format(Locale.ROOT, "%.0f%%", row.spreadPercent()),
                String.format(Locale.ROOT, "%.1f", row.gflops()),
                String.format(Locale.ROOT, "%.0f%%", row.rooflinePercent())));
        if (row.peer() != null) {
            cells.add(count(row.peerEager() == null ? row.peer() : row.peerEager()));
            if (compiled) {
                cells.add(row.peerCompiled() == null ? "-" : count(row.peerCompiled()));
            }
            cells.add(ratio(row.ratio()));
            cells.add(ratio(row.ratioLow()) + " to " + ratio(row.ratioHigh()));
        }
        return cells;
    }

    private static String count(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    private static String ratio(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%.2f", value);
    }
}
