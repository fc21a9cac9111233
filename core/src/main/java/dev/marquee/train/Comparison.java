package dev.marquee.train;

import dev.marquee.config.ConfigDifference;
import dev.marquee.metric.Interval;
import dev.marquee.metric.Resamples;
import dev.marquee.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Several runs measured on the same rows: which of them differ beyond chance. Their differences are taken resample by
 * resample of a bootstrap over groups (rows, where there are none), so that what is hard for all of them cancels out.
 *
 * @param runs what each run measured, in the order given
 * @param recipes by key, the values of the keys in which the recipes differ, one a run
 * @param differences between all pairs of runs, of the first label's metrics
 */
public record Comparison(List<Entry> runs, Map<String, List<String>> recipes, List<Difference> differences) {
    private static final double LEVEL = 0.95;
    private static final List<String> COMPARED = List.of("auc", "gauc", "log_loss", "normalized_entropy");

    /** Copies. */
    public Comparison {
        runs = List.copyOf(runs);
        recipes = Collections.unmodifiableMap(new LinkedHashMap<>(recipes));
        differences = List.copyOf(differences);
    }

    /**
     * One run.
     *
     * @param path its folder
     * @param measured what it measured
     */
    public record Entry(Path path, Measured measured) {}

    /**
     * How two runs differ in one metric.
     *
     * @param first the name of one run
     * @param second the name of the other
     * @param metric the metric
     * @param difference the first's minus the second's
     * @param low where the interval of the difference begins
     * @param high where it ends
     * @param beyondChance whether 0 lies outside of the interval
     */
    public record Difference(
            String first,
            String second,
            String metric,
            double difference,
            double low,
            double high,
            boolean beyondChance) {}

    /**
     * Measures runs and compares them.
     *
     * @param folders the runs, at least two
     * @param data labelled data to measure on; the test data of each run where empty, which must be the same then
     * @param resamples how many resamples the intervals are made of; a few hundred
     * @param notices told what is measured
     * @return the comparison
     * @throws IllegalArgumentException when there are fewer than two runs, or they were measured on different rows
     */
    public static Comparison of(List<Path> folders, Optional<Path> data, int resamples, Consumer<String> notices) {
        if (folders.size() < 2) {
            throw new IllegalArgumentException("a comparison needs at least two runs, not " + folders.size());
        }
        List<Entry> entries = new ArrayList<>();
        List<Run.Drawn> drawn = new ArrayList<>();
        for (Path folder : folders) {
            notices.accept(folder.toString());
            try (Run run = Run.open(folder)) {
                Run.Drawn own = run.draw(new EvaluationOptions(data, List.of(), resamples), message -> {});
                if (!drawn.isEmpty() && own.rowsHash() != drawn.get(0).rowsHash()) {
                    throw new IllegalArgumentException(folder + " and " + folders.get(0)
                            + " were measured on different rows: give the same labelled rows with --data");
                }
                drawn.add(own);
                entries.add(new Entry(folder, own.measured()));
            }
        }
        List<Difference> differences = new ArrayList<>();
        for (int i = 0; i < folders.size(); i++) {
            for (int j = i + 1; j < folders.size(); j++) {
                differences.addAll(differences(folders, i, j, drawn));
            }
        }
        return new Comparison(entries, recipes(folders), differences);
    }

    /**
     * The page about the runs side by side.
     *
     * @return HTML
     * @throws IOException when a file of a run cannot be read
     */
    public String html() throws IOException {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Difference difference : differences) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("first", difference.first());
            row.put("second", difference.second());
            row.put("metric", difference.metric());
            row.put("difference", difference.difference());
            row.put("low", difference.low());
            row.put("high", difference.high());
            row.put("beyond_chance", difference.beyondChance());
            rows.add(row);
        }
        return Report.of(
                runs.stream().map(Entry::path).toList(),
                "As each run measured them at its end. Differences are from a paired bootstrap, intervals at 95 %.",
                rows);
    }

    private static List<Difference> differences(List<Path> folders, int i, int j, List<Run.Drawn> drawn) {
        Optional<Resamples> first = drawn.get(i).resamples();
        Optional<Resamples> second = drawn.get(j).resamples();
        List<Difference> differences = new ArrayList<>();
        if (first.isEmpty() || second.isEmpty()) {
            return differences;
        }
        for (String metric : COMPARED) {
            Optional<Interval> interval = first.get().difference(second.get(), metric, LEVEL);
            Double ours = drawn.get(i).first(metric);
            Double theirs = drawn.get(j).first(metric);
            if (interval.isPresent() && ours != null && theirs != null) {
                double low = interval.get().low();
                double high = interval.get().high();
                differences.add(new Difference(
                        String.valueOf(folders.get(i).getFileName()),
                        String.valueOf(folders.get(j).getFileName()),
                        metric,
                        ours - theirs,
                        low,
                        high,
                        low > 0 || high < 0));
            }
        }
        return differences;
    }

    private static Map<String, List<String>> recipes(List<Path> folders) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (int i = 1; i < folders.size(); i++) {
            for (ConfigDifference difference :
                    ConfigDifference.between(Run.recipe(folders.get(0)), Run.recipe(folders.get(i)))) {
                List<String> row = values.computeIfAbsent(
                        difference.key(),
                        key -> new ArrayList<>(Collections.nCopies(folders.size(), difference.before())));
                row.set(i, difference.after());
            }
        }
        return values;
    }
}
