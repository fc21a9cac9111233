package dev.marquee.cli.bench;

import dev.marquee.measure.Network;
import dev.marquee.measure.Scaling;
import dev.marquee.measure.Scaling.Prediction;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How fast many workers would be.
 *
 * @param batch samples of each worker in a step
 * @param threads of each worker
 * @param network between the workers
 * @param here what was measured between two workers of this machine
 * @param scaling what one worker was measured to do, and what two exchange
 * @param predictions by number of workers, each with cores of its own
 * @param checks what is predicted for workers of this machine, which share its cores, and what they do
 */
public record PlanReport(
        int batch,
        int threads,
        Network network,
        Network here,
        Scaling scaling,
        List<Prediction> predictions,
        List<Check> checks) {
    /** Where more workers begin to pay less. */
    private static final double BEND = 0.8;

    /**
     * A prediction for this machine.
     *
     * @param workers how many
     * @param predicted seconds of a step
     * @param measured seconds of a step
     */
    public record Check(int workers, double predicted, double measured) {
        /**
         * How far the prediction is off.
         *
         * @return per cent of what was measured, above 0 where the step is faster than predicted
         */
        public double error() {
            return 100 * (predicted / measured - 1);
        }
    }

    /** Copies. */
    public PlanReport {
        predictions = List.copyOf(predictions);
        checks = List.copyOf(checks);
    }

    /**
     * The smallest number of workers whose step is less than four fifths arithmetic.
     *
     * @return empty where all are
     */
    public Optional<Prediction> bend() {
        return predictions.stream().filter(one -> one.efficiency() < BEND).findFirst();
    }

    /**
     * The plan as plain text.
     *
     * @return lines without a last line end
     */
    public String table() {
        List<String> lines = new ArrayList<>();
        lines.add(text(
                "measured  %.2f ms a step of %,d samples by one worker of %d %s, %.0f MB of memory",
                1e3 * scaling.seconds(),
                batch,
                threads,
                threads == 1 ? "thread" : "threads",
                scaling.residentBytes() / 1e6));
        lines.add(text(
                "          %.2f MB of gradients a step, %.0f%% of them sent before backward ended; %.2f MB of rows",
                scaling.denseBytes() / 1e6, 100 * scaling.early(), scaling.rowBytes() / 1e6));
        lines.add(text(
                "network   %.1f Gbit/s, %.0f µs a message; between processes of this machine %.1f Gbit/s, %.0f µs",
                8e-9 * network.bandwidth(), 1e6 * network.latency(), 8e-9 * here.bandwidth(), 1e6 * here.latency()));
        lines.add("");
        lines.add(Columns.align(predicted()));
        lines.add("");
        lines.add(bend().map(this::advice)
                .orElse("No number of these workers spends more than a fifth of a step on exchanges."));
        lines.add("");
        lines.add("The same prediction for workers of this machine, against what they did:");
        lines.add(Columns.align(checked()));
        return String.join("\n", lines);
    }

    private List<List<String>> predicted() {
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of(
                "workers",
                "samples a step",
                "ms a step",
                "samples/s",
                "efficiency",
                "sums, ms",
                "rows, ms",
                "by a tree, ms",
                "MB a worker"));
        for (Prediction one : predictions) {
            double samples = (double) batch * one.workers();
            cells.add(List.of(
                    String.valueOf(one.workers()),
                    text("%,.0f", samples),
                    text("%.2f", 1e3 * one.seconds()),
                    text("%,.0f", samples / one.seconds()),
                    text("%.0f%%", 100 * one.efficiency()),
                    text("%.2f", 1e3 * one.sums()),
                    text("%.2f", 1e3 * one.rows()),
                    text("%.2f", 1e3 * one.treeSeconds()),
                    text("%,.0f", one.residentBytes() / 1e6)));
        }
        return cells;
    }

    private List<List<String>> checked() {
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of("workers", "predicted, ms", "measured, ms", "error"));
        for (Check check : checks) {
            cells.add(List.of(
                    String.valueOf(check.workers()),
                    text("%.2f", 1e3 * check.predicted()),
                    text("%.2f", 1e3 * check.measured()),
                    text("%+.0f%%", check.error())));
        }
        return cells;
    }

    private String advice(Prediction bend) {
        String from = "From " + bend.workers() + " workers on exchanges take more than a fifth of a step: ";
        return from
                + (bend.rows() > bend.sums()
                        ? (scaling.shared().isPresent()
                                ? "rows go to and fro. Larger batches use rows more often."
                                : "each worker receives the rows that all others have used. Larger batches use rows"
                                        + " more often; tables that are shared out send each row once"
                                        + " (docs/distributed.md).")
                        : "sums of gradients. Raise data.batch_size, or send half of the bytes with"
                                + " distributed.gradient_compression=bfloat16.");
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
