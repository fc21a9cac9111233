package dev.marquee.serving;

import dev.marquee.recipe.Recipe;
import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.source.RowSource;
import dev.marquee.source.TableWriter;
import dev.marquee.train.Progress;
import dev.marquee.train.Run;
import dev.marquee.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Runs that are trained in a moment, and rows for them. */
final class TinyRuns {
    static final List<String> OF_USER = List.of(
            "user_id",
            "age",
            "country",
            "device",
            "hour",
            "weekday",
            "user_impressions",
            "user_clicks",
            "user_click_rate",
            "history_ads",
            "history_topics",
            "history_advertisers");

    /** Every kind of feature; a bag of several columns that may be the user's or the candidates'; a table that grows. */
    private static final String LOG = """
            data:
              kind: click_log
              path: %1$s/train.csv
              split: {validation: 0.3, test: 0.1}
              prepared_path: %1$s/prepared
              batch_size: 64
              labels:
                - {name: click}
                - {name: liked, column: stars, positive: ["4", "5"]}
              growing: [{table: site}]
              features:
                - {kind: dense, name: price, encoding: signed_log}
                - {kind: dense, name: age, encoding: piecewise_linear, bins: 8}
                - {kind: categorical, name: user, hash: 50}
                - {kind: categorical, name: ad}
                - {kind: categorical, name: site}
                - {kind: bag, name: genres}
                - {kind: bag, name: both, columns: [user_tag, ad_tag]}
                - {kind: sequence, name: history, target: ad, maximum_length: 3}
            model:
              kind: din
              embedding: {size: 4}
              attention_hidden: [8]
              hidden: [16]
            loss:
              kind: binary_cross_entropy
            optimizer:
              name: adam
              learning_rate: 0.02
            train:
              epochs: 1
              calibration: isotonic
            engine:
              threads: 1
            """;

    private TinyRuns() {}

    /** The run of a ranking model's recipe on a few simulated rows; every other one is calibrated. */
    static Path simulated(String kind, Path folder, Path prepared) {
        Path run = folder.resolve(kind);
        Trainer.train(simulated(kind, prepared), run, Progress.silent()).close();
        return run;
    }

    private static Recipe simulated(String kind, Path prepared) {
        return Recipe.named("simulated_impressions_" + kind)
                .with("data.rows", 700)
                .with("data.validation_rows", 200)
                .with("data.test_rows", 100)
                .with("data.users", 100)
                .with("data.ads", 100)
                .with("data.batch_size", 100)
                .with("data.prepared_path", prepared.toString())
                .with("optimizer.learning_rate", 0.02)
                .with("engine.threads", 1)
                .with("train.calibration", kind.hashCode() % 2 == 0 ? "platt" : "none")
                .with("train.epochs", 1);
    }

    /** Rows of the simulated log, those of the test, with values that are missing or were never seen. */
    static List<Map<String, Object>> simulatedRows(Path run) {
        var data = (dev.marquee.data.SimulatedConfig) Run.recipe(run).data();
        List<Map<String, Object>> rows = new ArrayList<>();
        try (RowSource.Reader reader =
                data.testStream().open(new LinkedHashSet<>(data.schema().featureColumns()))) {
            for (RawChunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                for (int row = 0; row < chunk.rows(); row++) {
                    rows.add(row(chunk, row));
                }
            }
        }
        for (int i = 0; i < rows.size(); i++) {
            Map<String, Object> row = rows.get(i);
            String column = List.copyOf(row.keySet()).get(i % row.size());
            if (i % 3 == 0) {
                row.put(column, null);
            }
            if (i % 7 == 0) {
                row.put("ad_id", 123456789L);
            }
        }
        return rows;
    }

    /** A run on a log of {@link #logRow rows} of all kinds of features, calibrated, with two labels. */
    static Path log(Path folder) {
        Random random = new Random(1);
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            rows.add(logRow(random));
        }
        write(folder.resolve("train.csv"), rows);
        try {
            Path recipe = Files.writeString(folder.resolve("recipe.yaml"), LOG.formatted(folder));
            Trainer.train(Recipe.load(recipe), folder.resolve("run"), Progress.silent())
                    .close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return folder.resolve("run");
    }

    static Map<String, Object> logRow(Random random) {
        Map<String, Object> row = logUser(random);
        row.putAll(logCandidate(random));
        row.put("click", (long) random.nextInt(2));
        row.put("stars", 1L + random.nextInt(5));
        return row;
    }

    static Map<String, Object> logUser(Random random) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("user", 1_000_000_000_000_000L * random.nextInt(80));
        row.put("age", random.nextInt(9) == 0 ? null : random.nextInt(90) + 0.5);
        row.put("user_tag", "tag " + random.nextInt(6));
        List<Object> history = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            history.add((long) random.nextInt(20));
        }
        row.put("history", history);
        return row;
    }

    static Map<String, Object> logCandidate(Random random) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("ad", (long) random.nextInt(20));
        row.put("price", random.nextGaussian() * 30);
        row.put("site", random.nextInt(8) == 0 ? null : "site ü" + random.nextInt(12));
        row.put("ad_tag", "tag " + random.nextInt(6));
        row.put("genres", List.of("genre " + random.nextInt(4), "genre " + random.nextInt(4)));
        return row;
    }

    /** The scores that {@code marquee predict} writes for rows: {@code [row, label]}. */
    static float[] predicted(Path run, Path file, List<Map<String, Object>> rows) {
        write(file, rows);
        List<Float> all = new ArrayList<>();
        try (Run opened = Run.open(run)) {
            opened.score(file, List.of(), (keys, labels, probabilities) -> {
                for (float probability : probabilities) {
                    all.add(probability);
                }
            });
        }
        float[] values = new float[all.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = all.get(i);
        }
        return values;
    }

    private static void write(Path file, List<Map<String, Object>> rows) {
        try (TableWriter table = TableWriter.open(file)) {
            table.write(rows.size(), RawRows.of("rows", rows).columns());
            table.commit();
        }
    }

    private static Map<String, Object> row(RawChunk chunk, int row) {
        Map<String, Object> values = new LinkedHashMap<>();
        chunk.columns().forEach((name, column) -> values.put(name, value(column, row)));
        return values;
    }

    private static @Nullable Object value(RawColumn column, int row) {
        if (column.isNull(row)) {
            return null;
        }
        if (column instanceof RawColumn.Longs longs) {
            return longs.value(row);
        }
        if (column instanceof RawColumn.Doubles doubles) {
            return doubles.value(row);
        }
        if (column instanceof RawColumn.Texts texts) {
            return texts.value(row);
        }
        RawColumn.Lists lists = (RawColumn.Lists) column;
        List<Object> values = new ArrayList<>();
        for (int i = lists.offset(row); i < lists.offset(row + 1); i++) {
            values.add(value(lists.elements(), i));
        }
        return values;
    }
}
