package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.config.ConfigException;
import dev.marquee.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings whose replicas learn from batches of their own without waiting for each other. */
@Timeout(120)
class AsynchronousRunTest {
    private static final int BATCHES = 20;

    @TempDir
    static Path prepared;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "adagrad", "rowwise_adagrad"})
    void train_oneReplica_givesTheWeightsOfThePlainPathBitForBit(String rows) throws IOException {
        Recipe recipe = recipe(rows).with(Map.of("engine.replicas", 1, "engine.threads", 1));
        Trainer.train(recipe.with("engine.replica_updates", "together"), folder.resolve("plain"), Progress.silent())
                .close();
        Trainer.train(recipe, folder.resolve("run"), Progress.silent()).close();
        assertThat(Files.readAllBytes(folder.resolve("run/weights.safetensors")))
                .isEqualTo(Files.readAllBytes(folder.resolve("plain/weights.safetensors")));
    }

    @ParameterizedTest
    @CsvSource({"sgd, 3", "adagrad, 0.05", "rowwise_adagrad, 0.05"})
    void train_severalReplicas_learnAsMuchAsThePlainPath(String rows, double rate) {
        Recipe recipe = recipe(rows)
                .with(Map.of(
                        "data.rows",
                        5000,
                        "train.epochs",
                        3,
                        "optimizer.learning_rate",
                        0.2,
                        "optimizer.sparse.learning_rate",
                        rate));
        Map<String, Double> plain = metrics(recipe.with("engine.replica_updates", "together"), "plain");
        Map<String, Double> apart = metrics(recipe.with("engine.replicas", 3), "apart");
        assertThat(plain.get("auc")).isGreaterThan(0.55);
        assertThat(apart.get("auc")).isCloseTo(plain.get("auc"), Offset.offset(0.02));
        assertThat(apart.get("loss")).isCloseTo(plain.get("loss"), Offset.offset(0.01));
    }

    @Test
    void resume_stoppedRun_seesEveryBatchOnce() throws IOException {
        Recipe recipe =
                recipe("sgd").with(Map.of("engine.replicas", 3, "train.epochs", 2, "checkpoint.every_steps", 4));
        try (Run stopped = Trainer.train(recipe, folder.resolve("run"), new StopAfter(6))) {
            // Batches that others have taken meanwhile are learnt from too.
            assertThat(stopped.unfinishedAt().orElseThrow()).isBetween(6L, 8L);
        }
        Trainer.resume(folder.resolve("run"), Progress.silent()).close();
        assertThat(Files.readString(folder.resolve("run/summary.json")))
                .containsPattern("\"steps\" ?: ?" + 2 * BATCHES);
    }

    @Test
    void train_lossThatIsNotFinite_stopsAllReplicasWithTheFirstMessage() {
        Recipe recipe = recipe("sgd").with(Map.of("engine.replicas", 3, "optimizer.learning_rate", 1e30));
        assertThatThrownBy(() -> Trainer.train(recipe, folder.resolve("run"), Progress.silent()))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("optimizer.learning_rate");
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("marquee-replica-"));
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of("optimizer.name", "adam"),
                Arguments.of("optimizer.momentum", 0.9),
                Arguments.of("optimizer.sparse.name", "adam"),
                Arguments.of("optimizer.sparse.weight_decay", 0.1),
                Arguments.of("engine.micro_batch", 10));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void with_whatDoesNotBearLostChanges_isRefusedByName(String key, Object value) {
        Recipe recipe = recipe("sgd");
        assertThatThrownBy(() -> recipe.with(key, value))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(key)
                .hasMessageContaining("replica_updates=asynchronous");
    }

    @Test
    void train_networkWithBatchNorm_isRefusedBeforeAnythingIsWritten() {
        Recipe recipe = recipe("sgd").with("model.norm", "batch");
        assertThatThrownBy(() -> Trainer.train(recipe, folder.resolve("run"), Progress.silent()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("engine.replica_updates=asynchronous")
                .hasMessageContaining("batch norm");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void train_withAProfile_isRefused() {
        assertThatThrownBy(() -> Trainer.train(
                        recipe("sgd"),
                        folder.resolve("run"),
                        Optional.of(new Profiling(Optional.empty(), profile -> {})),
                        Progress.silent()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("engine.replica_updates=together");
    }

    private Map<String, Double> metrics(Recipe recipe, String name) {
        try (Run run = Trainer.train(recipe, folder.resolve(name), Progress.silent())) {
            return run.metrics();
        }
    }

    private static Recipe recipe(String rows) {
        return Recipe.named("simulated_impressions_dnn")
                .with(Map.of(
                        "data.rows", 100 * BATCHES,
                        "data.validation_rows", 300,
                        "data.test_rows", 2000,
                        "data.users", 100,
                        "data.ads", 100,
                        "data.batch_size", 100,
                        "data.prepared_path", prepared.toString(),
                        "train.epochs", 1))
                .with(Map.of(
                        "optimizer.name",
                        "sgd",
                        "optimizer.learning_rate",
                        0.05,
                        "optimizer.sparse.name",
                        rows,
                        "engine.replica_updates",
                        "asynchronous"));
    }
}
