package dev.marquee.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The metrics of runs that differ in their seeds only: mean and standard deviation. */
final class Seeds {
    private final List<Map<String, Double>> runs = new ArrayList<>();

    void add(Map<String, Double> metrics) {
        runs.add(metrics);
    }

    /**
     * The summary of the metrics that all runs have.
     *
     * @return by name: {@code mean} and {@code deviation}, the latter with n − 1, and {@code values}
     */
    Map<String, Map<String, Object>> summary() {
        Map<String, Map<String, Object>> summary = new LinkedHashMap<>();
        for (String name : runs.get(0).keySet()) {
            if (runs.stream().allMatch(run -> run.containsKey(name))) {
                double[] values =
                        runs.stream().mapToDouble(run -> run.get(name)).toArray();
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("mean", mean(values));
                entry.put("deviation", deviation(values));
                entry.put("values", values);
                summary.put(name, entry);
            }
        }
        return summary;
    }

    /** The summary, a metric a line. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        summary()
                .forEach((name, entry) -> lines.add(
                        String.format(Locale.ROOT, "%-28s %.6f ± %.6f", name, (double) entry.get("mean"), (double)
                                entry.get("deviation"))));
        return lines;
    }

    static double mean(double... values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    static double deviation(double... values) {
        double mean = mean(values);
        double sum = 0;
        for (double value : values) {
            sum += (value - mean) * (value - mean);
        }
        return values.length < 2 ? 0 : Math.sqrt(sum / (values.length - 1));
    }
}
