package dev.marquee.cli.bench;

import dev.marquee.cli.bench.Choices.Findings;
import dev.marquee.measure.ProductTimes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@link Choices} found, for people and for programs. */
public final class ChoicesTable {
    private ChoicesTable() {}

    /**
     * For people.
     *
     * @param findings what was found
     * @return lines
     */
    public static List<String> lines(Findings findings) {
        List<String> lines = new ArrayList<>();
        List<List<String>> cells = new ArrayList<>();
        if (!findings.products().isEmpty()) {
            cells.add(List.of("product, one thread", "BLAS", "oneDNN", "GFLOP/s at best; taken"));
            for (ProductTimes.Row row : findings.products()) {
                cells.add(List.of(
                        row.name(),
                        format("%.1f", row.blasGflops()),
                        format("%.1f", row.oneDnnGflops()),
                        row.oneDnnChosen() ? "oneDNN" : "BLAS"));
            }
            lines.addAll(List.of(Columns.align(cells).split("\n", -1)));
            lines.add("");
            cells.clear();
        }
        if (!findings.choices().isEmpty()) {
            cells.add(List.of("work", "way", "rate", "times", "interval", ""));
            for (Choice choice : findings.choices()) {
                for (int i = 0; i < choice.ways().size(); i++) {
                    cells.add(cells(choice, i));
                }
            }
            lines.addAll(List.of(Columns.align(cells).split("\n", -1)));
            lines.add("");
        }
        if (!findings.fault().isEmpty()) {
            lines.add("other processes could not be measured: " + findings.fault());
        }
        List<String> advice = advice(findings);
        lines.addAll(advice.isEmpty() ? List.of("nothing to set: no other way is faster by more than noise") : advice);
        return lines;
    }

    /**
     * For programs.
     *
     * @param findings what was found
     * @return values by name
     */
    public static Map<String, Object> values(Findings findings) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put(
                "products",
                findings.products().stream()
                        .map(row -> Map.of(
                                "name", row.name(),
                                "blas_gflops", row.blasGflops(),
                                "onednn_gflops", row.oneDnnGflops(),
                                "chosen", row.oneDnnChosen() ? "onednn" : "blas"))
                        .toList());
        values.put(
                "choices", findings.choices().stream().map(ChoicesTable::values).toList());
        values.put("advice", advice(findings));
        values.put("fault", findings.fault());
        return values;
    }

    private static Map<String, Object> values(Choice choice) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("work", choice.work());
        values.put("unit", choice.unit());
        values.put("chosen", choice.ways().get(choice.chosen()).name());
        values.put(
                "ways",
                choice.ways().stream()
                        .map(way -> Map.of(
                                "name", way.name(),
                                "rate", way.rate(),
                                "times", way.gain().times(),
                                "low", way.gain().low(),
                                "high", way.gain().high()))
                        .toList());
        choice.advice().ifPresent(advice -> values.put("set", advice));
        return values;
    }

    private static List<String> cells(Choice choice, int index) {
        Choice.Way way = choice.ways().get(index);
        boolean chosen = index == choice.chosen();
        return List.of(
                index == 0 ? choice.work() : "",
                way.name(),
                format(way.rate() < 1000 ? "%.1f %s" : "%,.0f %s", way.rate(), choice.unit()),
                chosen ? "" : format("%.2f", way.gain().times()),
                chosen ? "" : format("%.2f–%.2f", way.gain().low(), way.gain().high()),
                chosen ? "chosen" : "");
    }

    private static List<String> advice(Findings findings) {
        List<String> advice = new ArrayList<>();
        for (Choice choice : findings.choices()) {
            choice.advice().ifPresent(setting -> advice.add("set " + setting + " for work like " + choice.work()));
        }
        return advice;
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
