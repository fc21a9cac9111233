package dev.marquee.cli;

import dev.marquee.metric.Interval;
import dev.marquee.train.Measured;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Metrics as lines for people. */
final class MetricsTable {
    /** The metrics of a closing line, with the words that people use. */
    private static final Map<String, String> SHORT = shortNames();

    private MetricsTable() {}

    /** Metrics in a line: {@code AUC 0.7468   gAUC 0.7012   log loss 0.1187}; accuracy and loss for pictures. */
    static String line(Map<String, Double> metrics) {
        if (metrics.containsKey("accuracy")) {
            return String.format(
                    Locale.ROOT,
                    "accuracy %.2f %%   loss %.6f",
                    100 * metrics.get("accuracy"),
                    metrics.getOrDefault("loss", Double.NaN));
        }
        List<String> labels = new ArrayList<>();
        for (String name : metrics.keySet()) {
            if (name.endsWith(".log_loss")) {
                labels.add(name.substring(0, name.length() - "log_loss".length()));
            }
        }
        if (labels.isEmpty()) {
            return line(metrics, "");
        }
        List<String> lines = new ArrayList<>();
        labels.forEach(prefix -> lines.add(prefix.substring(0, prefix.length() - 1) + ": " + line(metrics, prefix)));
        return String.join("\n         ", lines);
    }

    /** All metrics, one a line, with their intervals; then the slices. */
    static void print(PrintWriter out, Measured measured) {
        measured.metrics().forEach((name, value) -> {
            String text = name.equals("accuracy")
                    ? String.format(Locale.ROOT, "%-28s %.2f %%", name, 100 * value)
                    : String.format(Locale.ROOT, "%-28s %.6f", name, value);
            Interval interval = measured.intervals().get(name);
            out.println(
                    interval == null
                            ? text
                            : text
                                    + String.format(
                                            Locale.ROOT,
                                            "   %.6f to %.6f (%.0f %%)",
                                            interval.low(),
                                            interval.high(),
                                            100 * interval.level()));
        });
        measured.undefined().forEach((name, reason) -> {
            if (!name.endsWith("gauc")) {
                out.printf(Locale.ROOT, "%-28s none: %s%n", name, reason);
            }
        });
        String feature = "";
        for (Measured.Slice slice : measured.slices()) {
            if (!slice.feature().equals(feature)) {
                feature = slice.feature();
                out.printf(Locale.ROOT, "%nby %s%n", feature);
            }
            out.printf(Locale.ROOT, "  %-24s %,12d rows   %s%n", slice.value(), slice.rows(), line(slice.metrics()));
        }
    }

    private static String line(Map<String, Double> metrics, String prefix) {
        List<String> parts = new ArrayList<>();
        SHORT.forEach((name, words) -> {
            Double value = metrics.get(prefix + name);
            if (value != null) {
                parts.add(String.format(Locale.ROOT, "%s %.4f", words, value));
            }
        });
        return String.join("   ", parts);
    }

    private static Map<String, String> shortNames() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("auc", "AUC");
        names.put("gauc", "gAUC");
        names.put("log_loss", "log loss");
        names.put("normalized_entropy", "NE");
        names.put("calibration", "calibration");
        return names;
    }
}
