package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.config.Kind;
import dev.marquee.data.RowDataConfig;
import dev.marquee.data.SimulatedConfig;
import dev.marquee.model.RankingModelConfig;
import dev.marquee.recipe.Recipe;
import dev.marquee.simulate.SimulatedStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The recipe of each ranking model, on a simulated log that is small enough to be known by heart. */
@Timeout(120)
class ZooTrainsTest {
    private static final int ROWS = 3000;
    private static final int EPOCHS = 3;

    /** The recipes share the encoded rows. */
    @TempDir
    static Path prepared;

    @TempDir
    Path folder;

    static Stream<String> kinds() {
        return Stream.of(RankingModelConfig.class.getPermittedSubclasses())
                .map(config -> config.getAnnotation(Kind.class).value());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void train_recipeOfEachKind_learnsMoreThanTheBaseRateAndIsMeasured(String kind) {
        Recipe recipe = recipe(kind);
        List<Double> losses = new ArrayList<>();
        Progress recorder = new Progress() {
            @Override
            public void epochEnded(EpochResult result) {
                losses.add(result.trainingLoss());
            }
        };
        Map<String, Double> metrics;
        try (Run run = Trainer.train(recipe, folder, recorder)) {
            metrics = run.metrics();
        }
        assertThat(losses).hasSize(EPOCHS);
        assertThat(losses.get(EPOCHS - 1)).isLessThan(0.95 * lossOfBaseRates((SimulatedConfig) recipe.data()));
        assertThat(metrics).containsKey("loss").containsKey(severalLabels(recipe) ? "click.auc" : "auc");
        assertThat(metrics.values()).allSatisfy(value -> assertThat(value).isFinite());
        try (Run run = Run.open(folder)) {
            assertThat(run.evaluate(EvaluationOptions.DEFAULT, notice -> {}).metrics())
                    .isEqualTo(metrics);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"din", "ple"})
    void resume_runStoppedWithinAnEpoch_endsWithTheWeightsOfAnUndisturbedRun(String kind) throws IOException {
        Recipe recipe = recipe(kind).with("train.epochs", 1);
        Path whole = folder.resolve("whole");
        Path cut = folder.resolve("cut");
        Trainer.train(recipe, whole, Progress.silent()).close();
        try (Run stopped = Trainer.train(recipe, cut, new StopAfter(10))) {
            assertThat(stopped.unfinishedAt()).hasValue(10);
        }
        Trainer.resume(cut, Progress.silent()).close();
        assertThat(Files.readAllBytes(cut.resolve("weights.safetensors")))
                .isEqualTo(Files.readAllBytes(whole.resolve("weights.safetensors")));
    }

    /** The recipe on few rows, with steps that are few and large. */
    private static Recipe recipe(String kind) {
        Recipe recipe = Recipe.named("simulated_impressions_" + kind);
        assertThat(recipe.data()).isInstanceOf(RowDataConfig.class);
        assertThat(recipe.model().getClass().getAnnotation(Kind.class).value()).isEqualTo(kind);
        return recipe.with("data.rows", ROWS)
                .with("data.validation_rows", 500)
                .with("data.test_rows", 500)
                .with("data.users", 100)
                .with("data.ads", 100)
                .with("data.batch_size", 128)
                .with("data.prepared_path", prepared.toString())
                .with("optimizer.learning_rate", 0.01)
                .with("train.epochs", EPOCHS)
                .with("train.patience", EPOCHS)
                .with("engine.threads", 1);
    }

    /** The mean over the labels of the entropy of each: the loss of whoever knows nothing but how often each is 1. */
    private static double lossOfBaseRates(SimulatedConfig data) {
        SimulatedStream rows = data.trainingStream();
        double[] ones = new double[2];
        rows.truth((clickProbability, click, conversionProbability, conversion, user) -> {
            ones[0] += click ? 1 : 0;
            ones[1] += conversion ? 1 : 0;
        });
        boolean both = data.labels() == SimulatedConfig.Labels.CLICK_AND_CONVERSION;
        return both ? (entropy(ones[0]) + entropy(ones[1])) / 2 : entropy(ones[0]);
    }

    private static double entropy(double ones) {
        double rate = ones / ROWS;
        return -rate * Math.log(rate) - (1 - rate) * Math.log(1 - rate);
    }

    private static boolean severalLabels(Recipe recipe) {
        return ((SimulatedConfig) recipe.data()).labels() == SimulatedConfig.Labels.CLICK_AND_CONVERSION;
    }
}
