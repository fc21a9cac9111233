package dev.marquee.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.marquee.metric.CalibrationBin;
import dev.marquee.metric.Interval;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.train.EvaluationOptions;
import dev.marquee.train.Measured;
import dev.marquee.train.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What an exported network is, in Markdown: data, metrics with intervals, calibration, slices, schema, provenance. */
final class ModelCard {
    /** How many resamples the intervals are made of. */
    private static final int RESAMPLES = 200;

    /** Features with at most so many values are told apart, the first few of them. */
    private static final int MOST_VALUES = 30;

    private static final int MOST_SLICES = 3;

    private final StringBuilder text = new StringBuilder();

    private ModelCard() {}

    /** The card; the run is measured on its test data for it, where these are there. */
    static String of(OpenRun run, ExportOptions options, ExportReport report, Consumer<String> notices) {
        ModelCard card = new ModelCard();
        card.network(run, options, report);
        Optional<Measured> measured = card.measure(run, notices);
        card.data(run);
        card.metrics(run, measured);
        card.calibration(run, options, measured);
        card.slices(measured);
        run.schema().ifPresent(card::schema);
        card.provenance(run);
        return card.text.toString();
    }

    private void network(OpenRun run, ExportOptions options, ExportReport report) {
        line("# Model card: " + run.recipe().model().describe());
        line("");
        line("Exported from the run `"
                + run.files().folder().toAbsolutePath().normalize().getFileName() + "` as `"
                + options.format().file() + "`" + (options.int8() ? ", int8" : "") + ".");
        run.unfinishedAt()
                .ifPresent(step -> line("The training was not finished: the weights are those of step " + step + "."));
        line("");
        String compared = options.format() == ExportOptions.Format.SAFETENSORS
                ? "Largest difference of a weight"
                : "Largest difference of a probability to the run's own";
        line(compared + ", over " + report.rows() + " " + report.source() + ": "
                + String.format(Locale.ROOT, "%.3g", report.largestDifference())
                + (options.int8() ? " (of the float32 network that int8 was made of)." : "."));
        report.quantized().ifPresent(q -> {
            line("");
            line("| int8, on " + q.rows() + " validation rows | float32 | int8 |");
            line("|---|---|---|");
            row("bytes", Long.toString(q.floatBytes()), Long.toString(q.bytes()));
            row(q.ranking(), number(q.rankingBefore()), number(q.rankingAfter()));
            row("log loss", number(q.lossBefore()), number(q.lossAfter()));
        });
    }

    private Optional<Measured> measure(OpenRun run, Consumer<String> notices) {
        List<String> slices =
                run.schema().map(FeatureSchema::layout).map(ModelCard::sliced).orElse(List.of());
        int resamples = run.schema().isPresent() ? RESAMPLES : 0;
        try (Run again = Run.open(run.files().folder())) {
            return Optional.of(again.evaluate(new EvaluationOptions(Optional.empty(), slices, resamples), notices));
        } catch (RuntimeException e) {
            notices.accept(
                    "the model card has no new measures, as the test data cannot be evaluated: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static List<String> sliced(FeatureLayout layout) {
        return layout.fields().stream()
                .filter(field -> layout.tables().get(field.table()).rows() <= MOST_VALUES)
                .limit(MOST_SLICES)
                .map(FeatureLayout.Field::name)
                .toList();
    }

    private void data(OpenRun run) {
        JsonNode provenance = json(run, "provenance.json");
        section("Data");
        line(provenance.path("data").asText("not recorded"));
        line("");
        line("Fingerprint of the training data: `"
                + provenance.path("data_fingerprint").asText("not recorded") + "`");
        line("");
        run.schema()
                .ifPresent(schema -> schema.layout()
                        .labels()
                        .forEach(label -> line("- label `" + label.name() + "`: " + number(label.baseRate())
                                + " of the training rows are 1")));
    }

    private void metrics(OpenRun run, Optional<Measured> measured) {
        section("Metrics");
        if (measured.isEmpty()) {
            JsonNode test = json(run, "summary.json").path("test");
            line(test.isEmpty() ? "None are recorded." : "As recorded when the training ended, on its test data:");
            line("");
            table("metric", "value");
            test.properties()
                    .forEach(
                            entry -> row(entry.getKey(), number(entry.getValue().asDouble())));
            return;
        }
        Measured all = measured.get();
        line("On " + all.rows() + " test samples, by the network in float32"
                + (all.intervals().isEmpty() ? "." : "; intervals by " + RESAMPLES + " resamples."));
        line("");
        table("metric", "value", "interval");
        all.metrics().forEach((name, value) -> {
            Interval interval = all.intervals().get(name);
            row(
                    name,
                    number(value),
                    interval == null
                            ? ""
                            : number(interval.low()) + " to " + number(interval.high()) + " (" + interval.level()
                                    + ")");
        });
    }

    private void calibration(OpenRun run, ExportOptions options, Optional<Measured> measured) {
        section("Calibration");
        if (run.calibration().isEmpty()) {
            line("No map stands after the logits.");
        }
        String where = options.format() == ExportOptions.Format.SAFETENSORS
                ? "; not in the weights: apply it to the logits"
                : "; part of the exported network";
        run.calibration().forEach(label -> line("- " + label.describe() + where));
        for (Measured.Curves curves : measured.map(Measured::labels).orElse(List.of())) {
            line("");
            line("`" + curves.label() + "` on the test data:");
            line("");
            table("predicted", "observed", "rows");
            for (CalibrationBin bin : curves.calibration()) {
                row(number(bin.predicted()), number(bin.observed()), Long.toString(bin.rows()));
            }
        }
    }

    private void slices(Optional<Measured> measured) {
        section("Slices");
        List<Measured.Slice> slices = measured.map(Measured::slices).orElse(List.of());
        if (slices.isEmpty()) {
            line("No feature was looked at value by value.");
            return;
        }
        List<String> names = slices.stream()
                .flatMap(slice -> slice.metrics().keySet().stream())
                .filter(name -> name.endsWith("auc") || name.endsWith("log_loss") || name.endsWith("calibration"))
                .distinct()
                .limit(6)
                .toList();
        line("| feature | value | rows | " + String.join(" | ", names) + " |");
        line("|---|---|---|" + "---|".repeat(names.size()));
        for (Measured.Slice slice : slices) {
            StringBuilder cells = new StringBuilder();
            for (String name : names) {
                Double value = slice.metrics().get(name);
                cells.append(" | ").append(value == null ? "" : number(value));
            }
            line("| " + cell(slice.feature()) + " | " + cell(slice.value()) + " | " + slice.rows() + cells + " |");
        }
    }

    private void schema(FeatureSchema schema) {
        FeatureLayout layout = schema.layout();
        section("Schema");
        line("Fingerprint `" + schema.fingerprint() + "`; `" + Exporter.INPUTS + "` has all of it.");
        line("");
        table("feature", "kind", "size");
        layout.dense()
                .forEach(number ->
                        row(number.name(), "number", number.size() + (number.size() == 1 ? " column" : " columns")));
        layout.fields().forEach(field -> row(field.name(), "categorical", table(layout, field.table())));
        layout.bags().forEach(bag -> row(bag.name(), "bag", table(layout, bag.table())));
        layout.sequences()
                .forEach(sequence -> row(
                        sequence.name(),
                        "sequence",
                        table(layout, sequence.table()) + ", at most " + sequence.maximumLength()));
    }

    private static String table(FeatureLayout layout, int table) {
        FeatureLayout.Table of = layout.tables().get(table);
        return "table `" + of.name() + "`, " + of.rows() + " ids"
                + (of.growing().isPresent() ? ", growing" : "");
    }

    private void provenance(OpenRun run) {
        section("Provenance");
        table("", "");
        Map<String, String> flat = new TreeMap<>();
        flatten("", json(run, "provenance.json"), flat);
        flat.forEach((name, value) -> row(name, cell(value)));
        line("");
        line("The recipe:");
        line("");
        line("```yaml");
        line(run.recipe().toYaml().stripTrailing());
        line("```");
    }

    private static void flatten(String prefix, JsonNode node, Map<String, String> flat) {
        node.properties().forEach(entry -> {
            if (entry.getValue().isObject()) {
                flatten(prefix + entry.getKey() + ".", entry.getValue(), flat);
            } else {
                flat.put(prefix + entry.getKey(), entry.getValue().asText());
            }
        });
    }

    private static JsonNode json(OpenRun run, String name) {
        JsonMapper mapper = JsonMapper.builder().build();
        Path file = run.files().folder().resolve(name);
        try {
            return Files.exists(file) ? mapper.readTree(file.toFile()) : mapper.createObjectNode();
        } catch (IOException e) {
            return mapper.createObjectNode(); // the card says "not recorded"
        }
    }

    private void section(String title) {
        line("");
        line("## " + title);
        line("");
    }

    private void table(String... titles) {
        row(titles);
        line("|" + "---|".repeat(titles.length));
    }

    private void row(String... cells) {
        line("| " + String.join(" | ", cells) + " |");
    }

    private static String cell(String value) {
        return value.replace("|", "\\|").replace("\n", " ");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
