package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings on a log of twenty days, whose ads change every five, with an ad's table that grows. */
@Timeout(120)
class GrowingRunTest {
    private static final String RECIPE = """
            data:
              kind: click_log
              path: %1$s/log.csv
              test_path: %1$s/test.csv
              time: day
              features:
                - kind: dense
                  name: age
                - kind: categorical
                  name: ad
                - kind: categorical
                  name: site
                - kind: sequence
                  name: seen
                  target: ad
              labels:
                - name: click
              growing:
                - table: ad
                  admit_after: 2
                  evict_after_days: 6
                  ticks_per_day: 1
              split: {by: time, validation: 0.1}
              batch_size: 50
              shuffle: %2$s
              prepared: never
            model:
              kind: din
              embedding: {size: 4}
            loss:
              kind: binary_cross_entropy
            optimizer:
              name: adam
              learning_rate: 0.01
              clip_norm: 1
              sparse: {name: adam, weight_decay: 0.01}
            train:
              epochs: 2
            checkpoint:
              every_steps: 7
              select: last
            """;

    @TempDir
    static Path data;

    @TempDir
    Path folder;

    @BeforeAll
    static void writeRows() throws IOException {
        write("log", 1000, 1);
        write("test", 100, 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 9, 17, 18, 19, 30})
    void resume_runStoppedAfterAnyStep_endsWithTheWeightsOfAnUndisturbedRun(int step) throws IOException {
        Trainer.train(recipe(true), folder.resolve("whole"), Progress.silent()).close();
        Path cut = folder.resolve("cut");
        Trainer.train(recipe(true), cut, new StopAfter(step)).close();
        try (Run run = Trainer.resume(cut, Progress.silent());
                Run whole = Run.open(folder.resolve("whole"))) {
            assertThat(run.metrics()).isEqualTo(whole.metrics());
            EvaluationOptions test = EvaluationOptions.of(data.resolve("test.csv"));
            assertThat(run.evaluate(test, notice -> {}).metrics().get("loss")).isPositive();
        }
        assertThat(Files.readAllBytes(cut.resolve("weights.safetensors")))
                .isEqualTo(Files.readAllBytes(folder.resolve("whole/weights.safetensors")));
    }

    @Test
    void train_chronologically_endsWithRowsOfTheAdsOfTheLastDaysOnly() throws IOException {
        Path path = folder.resolve("run");
        Trainer.train(recipe(false), path, Progress.silent()).close();
        try (Safetensors weights = Safetensors.read(path.resolve("weights.safetensors"))) {
            // Training ends in day 17 or 18: the ads of days 5 to 9 are out, at least some of those of days 10 to 14
            // in.
            int rows = Tensors.toLongs(weights.tensors().get("growing.ids.ad")).length;
            assertThat(rows).isBetween(20, 40);
            long[] days = Tensors.toLongs(weights.tensors().get("growing.last_seen.ad"));
            assertThat(Arrays.stream(days).min().orElseThrow()).isGreaterThan(10);
            assertThat(weights.tensors().get("growing.weight.embedding").size(1))
                    .isEqualTo(4);
        }
        assertThat(Files.readString(path.resolve("metrics.jsonl"))).contains("\"growing_rows\":");
        try (Run run = Run.open(path)) {
            run.score(
                    data.resolve("test.csv"),
                    List.of("day"),
                    (keys, labels, probabilities) -> assertThat(probabilities).hasSize(keys.rows()));
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 0", "3, 0", "2, 7"})
    void train_replicas_admitAndEvictTheSameIdsAndLearnTheSameButForRounding(int replicas, int piece)
            throws IOException {
        Recipe recipe = recipe(true)
                .with(Map.of(
                        "model.dice",
                        false,
                        "optimizer.name",
                        "sgd",
                        "optimizer.sparse.name",
                        "sgd",
                        "engine.threads",
                        1));
        Map<String, double[]> plain = trained(recipe.with("engine.replicas", 1), "plain");
        Map<String, double[]> shared =
                trained(recipe.with(Map.of("engine.replicas", replicas, "engine.micro_batch", piece)), "shared");
        assertThat(shared).containsOnlyKeys(plain.keySet());
        shared.forEach((name, values) -> assertThat(values)
                .as(name)
                .containsExactly(plain.get(name), Offset.offset(name.matches("growing.(?!weight).*") ? 0 : 1e-5)));
        assertThat(plain.get("growing.ids.ad")).hasSizeGreaterThan(10);
    }

    @Test
    void resume_stoppedRunWithReplicas_endsWithTheWeightsOfAnUndisturbedRun() throws IOException {
        Recipe recipe = recipe(true).with(Map.of("model.dice", false, "engine.replicas", 2));
        Map<String, double[]> whole = trained(recipe, "whole");
        Path cut = folder.resolve("cut");
        Trainer.train(recipe, cut, new StopAfter(17)).close();
        Trainer.resume(cut, Progress.silent()).close();
        weights(cut).forEach((name, values) -> assertThat(values).isEqualTo(whole.get(name)));
    }

    private Map<String, double[]> trained(Recipe recipe, String name) throws IOException {
        Trainer.train(recipe, folder.resolve(name), Progress.silent()).close();
        return weights(folder.resolve(name));
    }

    private static Map<String, double[]> weights(Path run) throws IOException {
        Map<String, double[]> weights = new TreeMap<>();
        try (Safetensors file = Safetensors.read(run.resolve("weights.safetensors"));
                Scope scope = Scope.open()) {
            file.tensors()
                    .forEach((name, tensor) ->
                            weights.put(name, Tensors.toDoubles(tensor.to(DType.FLOAT64.scalarType()))));
        }
        return weights;
    }

    private Recipe recipe(boolean shuffle) throws IOException {
        return Recipe.load(
                Files.writeString(folder.resolve("recipe" + shuffle + ".yaml"), RECIPE.formatted(data, shuffle)));
    }

    private static void write(String name, int rows, long seed) throws IOException {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder("day,age,ad,site,seen,click\n");
        for (int i = 0; i < rows; i++) {
            int day = i * 20 / rows;
            int first = day / 5 * 20; // twenty ads of each five days
            int ad = first + random.nextInt(20);
            String seen = "a" + (first + random.nextInt(20)) + "|a" + (first + random.nextInt(20));
            text.append(day)
                    .append(',')
                    .append(random.nextInt(50))
                    .append(",a")
                    .append(ad)
                    .append(",s");
            text.append(random.nextInt(4))
                    .append(',')
                    .append(seen)
                    .append(',')
                    .append(random.nextInt(2))
                    .append('\n');
        }
        Files.writeString(data.resolve(name + ".csv"), text);
    }

    /** Asks to stop after so many steps. */
    private static final class StopAfter implements Progress {
        private final int steps;
        private int done;

        StopAfter(int steps) {
            this.steps = steps;
        }

        @Override
        public void step(int samples, double meanLoss, double waited) {
            done++;
        }

        @Override
        public boolean stopRequested() {
            return done >= steps;
        }
    }
}
