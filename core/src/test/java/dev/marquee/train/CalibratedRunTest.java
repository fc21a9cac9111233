package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trainings on rows of which those for training are all kept where there was a click, and one in four where there was
 * none: what is learnt from them is too high everywhere else.
 */
@Timeout(120)
class CalibratedRunTest {
    private static final String RECIPE = """
            data:
              kind: click_log
              path: %1$s/train.csv
              validation_path: %1$s/validation.csv
              test_path: %1$s/test.csv
              features:
                - kind: dense
                  name: age
              labels:
                - name: click
              batch_size: 64
              prepared: never
            model:
              kind: logistic_regression
            loss:
              kind: binary_cross_entropy
            optimizer:
              name: adam
              learning_rate: 0.02
            train:
              epochs: 2
              calibration: %2$s
            """;

    @TempDir
    static Path data;

    @TempDir
    Path folder;

    @BeforeAll
    static void writeRows() throws IOException {
        write("train", 3000, 1, 0.25);
        write("validation", 1500, 2, 1);
        write("test", 2000, 3, 1);
    }

    @Test
    void train_calibrated_changesTestAndScoresAlikeAndNoEpoch() throws IOException {
        Path none = train("none");
        Map<String, Double> before = metrics(none);
        assertThat(none.resolve("calibration.json")).doesNotExist();
        assertThat(before.get("calibration")).isGreaterThan(1.3);
        for (String method : List.of("platt", "isotonic")) {
            Path path = train(method);
            Map<String, Double> after = metrics(path);
            assertThat(Files.readString(path.resolve("calibration.json"))).contains("\"kind\" : \"" + method + "\"");
            assertThat(after.get("calibration")).isCloseTo(1, within(0.15));
            assertThat(after.get("log_loss")).isLessThan(before.get("log_loss"));
            assertThat(after.get("loss")).isCloseTo(after.get("log_loss"), within(1e-5));
            assertThat(after.get("auc")).isCloseTo(before.get("auc"), within(0.02));
            assertThat(Files.readAllBytes(path.resolve("weights.safetensors")))
                    .isEqualTo(Files.readAllBytes(none.resolve("weights.safetensors")));
            try (Run run = Run.open(path)) {
                EvaluationOptions same = EvaluationOptions.of(data.resolve("test.csv"));
                assertThat(run.evaluate(EvaluationOptions.DEFAULT, notice -> {}).metrics())
                        .isEqualTo(after);
                assertThat(run.evaluate(same, notice -> {}).metrics().get("log_loss"))
                        .isCloseTo(after.get("log_loss"), within(1e-6));
                double[] sum = new double[2];
                run.score(data.resolve("test.csv"), List.of("age"), (keys, labels, probabilities) -> {
                    for (float probability : probabilities) {
                        sum[0] += probability;
                        sum[1]++;
                    }
                });
                assertThat(sum[1]).isEqualTo(2000);
                double clicks = Files.readAllLines(data.resolve("test.csv")).stream()
                        .filter(line -> line.endsWith(",1"))
                        .count();
                assertThat(sum[0] / clicks).isCloseTo(after.get("calibration"), within(1e-4));
            }
            Comparison comparison = Comparison.of(List.of(none, path), Optional.empty(), 50, notice -> {});
            assertThat(comparison.differences())
                    .filteredOn(difference -> difference.metric().equals("log_loss"))
                    .allMatch(Comparison.Difference::beyondChance);
        }
    }

    @Test
    void resume_finishedRunWithAnotherCalibration_fitsWithoutTraining() throws IOException {
        Path path = train("none");
        byte[] weights = Files.readAllBytes(path.resolve("weights.safetensors"));
        List<String> notices = new ArrayList<>();
        Progress told = new Progress() {
            @Override
            public void notice(String topic, String message) {
                if (topic.equals("calibration")) {
                    notices.add(message);
                }
            }
        };
        Trainer.resume(Run.recipe(path).with("train.calibration", "platt"), path, told)
                .close();
        assertThat(notices).singleElement().asString().startsWith("click on 1,500 validation samples: Platt, slope ");
        assertThat(Files.readAllBytes(path.resolve("weights.safetensors"))).isEqualTo(weights);
        assertThat(metrics(path).get("calibration")).isCloseTo(1, within(0.15));

        Trainer.resume(Run.recipe(path).with("train.calibration", "none"), path, Progress.silent())
                .close();
        assertThat(path.resolve("calibration.json")).doesNotExist();
        assertThat(metrics(path).get("calibration")).isGreaterThan(1.3);
    }

    @Test
    void open_calibrationGone_isRefusedUntilTheRunIsResumed() throws IOException {
        Path path = train("isotonic");
        Map<String, Double> before = metrics(path);
        Files.delete(path.resolve("calibration.json"));
        assertThatThrownBy(() -> Run.open(path))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is not there: resume the run to fit it again");
        Trainer.resume(path, Progress.silent()).close();
        assertThat(metrics(path)).isEqualTo(before);
    }

    private Path train(String method) throws IOException {
        Path file = Files.writeString(folder.resolve(method + ".yaml"), RECIPE.formatted(data, method));
        Path path = folder.resolve(method);
        Trainer.train(Recipe.load(file), path, Progress.silent()).close();
        return path;
    }

    private static Map<String, Double> metrics(Path path) {
        try (Run run = Run.open(path)) {
            return run.metrics();
        }
    }

    private static void write(String name, int rows, long seed, double keep) throws IOException {
        Random random = new Random(seed);
        StringBuilder csv = new StringBuilder("age,click\n");
        for (int i = 0; i < rows; ) {
            double age = random.nextGaussian();
            boolean click = random.nextDouble() < 1 / (1 + Math.exp(1.5 - age));
            if (click || random.nextDouble() < keep) {
                csv.append(age).append(',').append(click ? 1 : 0).append('\n');
                i++;
            }
        }
        Files.writeString(data.resolve(name + ".csv"), csv);
    }
}
