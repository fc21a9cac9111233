package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.config.Kind;
import dev.marquee.model.RankingModelConfig;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings whose batches are shared by several replicas of the network. */
@Timeout(120)
class ReplicaRunTest {
    @TempDir
    static Path prepared;

    @TempDir
    Path folder;

    static Stream<String> kinds() {
        return Stream.of(RankingModelConfig.class.getPermittedSubclasses())
                .map(config -> config.getAnnotation(Kind.class).value());
    }

    /**
     * Some settings of the engine, drawn by the model's name, against none of them. float32, plain gradient descent, no
     * dropout: what differs is the order of summation.
     */
    @ParameterizedTest
    @MethodSource("kinds")
    void train_anyModelWithSettingsDrawnAtRandom_givesTheWeightsOfThePlainPathButForRounding(String kind)
            throws IOException {
        Recipe recipe = recipe("simulated_impressions_" + kind)
                .with("optimizer.name", "sgd")
                .with("optimizer.sparse.name", "sgd")
                .with("optimizer.learning_rate", 0.05);
        if (!kind.equals("logistic_regression")) {
            recipe = recipe.with("model.embedding.dropout", 0);
        }
        SplittableRandom random = new SplittableRandom(kind.hashCode());
        int replicas = random.nextInt(1, 4);
        int microBatch = random.nextInt(3) * 17;
        Map<String, float[]> plain = trained(
                recipe.with("engine.replicas", 1).with("engine.fused", false).with("engine.threads", 1), "plain");
        trained(recipe.with("engine.replicas", replicas).with("engine.micro_batch", microBatch), "fast")
                .forEach((name, values) -> assertThat(values)
                        .as("%s with %d replicas, pieces of %d", name, replicas, microBatch)
                        .containsExactly(plain.get(name), Offset.offset(2e-5f)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dnn", "din", "bst"})
    void train_bfloat16_learnsAlmostWhatFloat32Learns(String kind) {
        Recipe recipe = recipe("simulated_impressions_" + kind).with("engine.replicas", 2);
        double single;
        try (Run run = Trainer.train(recipe, folder.resolve("single"), Progress.silent())) {
            single = run.metrics().get("loss");
        }
        try (Run run =
                Trainer.train(recipe.with("engine.precision", "bfloat16"), folder.resolve("half"), Progress.silent())) {
            double half = run.metrics().get("loss");
            assertThat(half).isCloseTo(single, Offset.offset(0.005)).isNotEqualTo(single);
        }
    }

    @Test
    void train_twiceWithReplicasAndDropout_givesTheSameWeightsBitForBit() throws IOException {
        Recipe recipe = recipe("simulated_impressions_din").with("engine.replicas", 2);
        Map<String, float[]> first = trained(recipe, "first");
        trained(recipe, "second").forEach((name, values) -> assertThat(values).isEqualTo(first.get(name)));
    }

    @Test
    void resume_stoppedRunWithReplicas_endsWithTheWeightsOfAnUndisturbedRun() throws IOException {
        Recipe recipe = recipe("simulated_impressions_din").with("engine.replicas", 2);
        Map<String, float[]> whole = trained(recipe, "whole");
        Path cut = folder.resolve("cut");
        try (Run stopped = Trainer.train(recipe, cut, new StopAfter(5))) {
            assertThat(stopped.unfinishedAt()).hasValue(5);
        }
        Trainer.resume(cut, Progress.silent()).close();
        weights(cut).forEach((name, values) -> assertThat(values).isEqualTo(whole.get(name)));
    }

    /** Replicas meet at the layers with statistics of the batch; the shares of the last batch, of 1 and 2 samples, too. */
    @ParameterizedTest
    @CsvSource({
        "dnn, model.norm, batch, 2",
        "dnn, model.norm, batch, 3",
        "din, model.dice, true, 2",
        "din, model.dice, true, 3"
    })
    void train_replicasWithStatisticsOfTheBatch_giveTheWeightsOfOneNetworkButForRounding(
            String kind, String key, String value, int replicas) throws IOException {
        Recipe recipe = recipe("simulated_impressions_" + kind)
                .with("data.rows", 603)
                .with("optimizer.name", "sgd")
                .with("optimizer.sparse.name", "sgd")
                .with("optimizer.learning_rate", 0.05)
                .with("model.embedding.dropout", 0)
                .with(key, value.equals("true") ? true : value);
        Map<String, float[]> plain = trained(
                recipe.with("engine.replicas", 1).with("engine.fused", false).with("engine.threads", 1), "plain");
        assertThat(plain.keySet()).anyMatch(name -> name.endsWith("running_var"));
        trained(recipe.with("engine.replicas", replicas), "shared")
                .forEach((name, values) ->
                        assertThat(values).as(name).containsExactly(plain.get(name), Offset.offset(5e-5f)));
    }

    @Test
    void train_replicasOfANetworkWithBatchNormInPieces_isRefusedByNameBeforeAnythingIsWritten() {
        Recipe recipe = recipe("simulated_impressions_dnn")
                .with("model.norm", "batch")
                .with("engine.replicas", 2)
                .with("engine.micro_batch", 10);
        assertThatThrownBy(() -> Trainer.train(recipe, folder.resolve("run"), Progress.silent()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("engine.replicas=2")
                .hasMessageContaining("engine.micro_batch=10")
                .hasMessageContaining("batch norm");
        assertThat(Files.exists(folder.resolve("run"))).isFalse();
    }

    private static Recipe recipe(String name) {
        return Recipe.named(name)
                .with("data.rows", 700)
                .with("data.validation_rows", 300)
                .with("data.test_rows", 300)
                .with("data.users", 100)
                .with("data.ads", 100)
                .with("data.batch_size", 100)
                .with("data.prepared_path", prepared.toString())
                .with("train.epochs", 1);
    }

    private Map<String, float[]> trained(Recipe recipe, String name) throws IOException {
        Trainer.train(recipe, folder.resolve(name), Progress.silent()).close();
        return weights(folder.resolve(name));
    }

    private static Map<String, float[]> weights(Path run) throws IOException {
        Map<String, float[]> weights = new TreeMap<>();
        try (Safetensors file = Safetensors.read(run.resolve("weights.safetensors"))) {
            file.tensors().forEach((name, tensor) -> weights.put(name, Tensors.toFloats(tensor)));
        }
        return weights;
    }
}
