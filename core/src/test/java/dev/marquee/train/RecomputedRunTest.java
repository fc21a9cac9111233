package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trainings that compute activations once more instead of keeping them. */
@Timeout(120)
class RecomputedRunTest {
    @TempDir
    static Path prepared;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"true, 2, float32", "false, 1, bfloat16"})
    void train_recomputing_givesTheWeightsOfThePlainPathBitForBit(boolean fused, int replicas, String precision)
            throws IOException {
        Recipe recipe = recipe("dnn")
                .with(Map.of("engine.fused", fused, "engine.replicas", replicas, "engine.precision", precision))
                .with(Map.of("model.hidden", List.of(16, 12, 8, 8), "model.dropout", 0.1));
        Trainer.train(recipe, folder.resolve("plain"), Progress.silent()).close();
        Trainer.train(recipe.with("engine.recompute", true), folder.resolve("run"), Progress.silent())
                .close();
        assertThat(Files.readAllBytes(folder.resolve("run/weights.safetensors")))
                .isEqualTo(Files.readAllBytes(folder.resolve("plain/weights.safetensors")));
    }

    /** What a candidate's embedding learns comes from several parts, and is added up in another order. */
    @ParameterizedTest
    @CsvSource({"true, 1", "false, 2"})
    void train_recomputingABlockBesideAPerceptron_givesTheWeightsOfThePlainPathButForRounding(
            boolean fused, int replicas) throws IOException {
        Recipe recipe = recipe("bst")
                .with(Map.of("engine.fused", fused, "engine.replicas", replicas))
                .with(Map.of("optimizer.name", "sgd", "optimizer.sparse.name", "sgd"));
        Map<String, float[]> plain = trained(recipe, "plain");
        trained(recipe.with("engine.recompute", true), "run")
                .forEach((name, values) ->
                        assertThat(values).as(name).containsExactly(plain.get(name), Offset.offset(1e-6f)));
    }

    private Map<String, float[]> trained(Recipe recipe, String name) throws IOException {
        Trainer.train(recipe, folder.resolve(name), Progress.silent()).close();
        Map<String, float[]> weights = new TreeMap<>();
        try (Safetensors file = Safetensors.read(folder.resolve(name).resolve("weights.safetensors"))) {
            file.tensors().forEach((tensor, values) -> weights.put(tensor, Tensors.toFloats(values)));
        }
        return weights;
    }

    @Test
    void train_recomputingANetworkWithBatchNorm_isRefusedBeforeAnythingIsWritten() {
        Recipe recipe = recipe("dnn").with(Map.of("model.norm", "batch", "engine.recompute", true));
        assertThatThrownBy(() -> Trainer.train(recipe, folder.resolve("run"), Progress.silent()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("engine.recompute")
                .hasMessageContaining("batch norm");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    private static Recipe recipe(String kind) {
        return Recipe.named("simulated_impressions_" + kind)
                .with(Map.of(
                        "data.rows", 600,
                        "data.validation_rows", 200,
                        "data.test_rows", 200,
                        "data.users", 100,
                        "data.ads", 100,
                        "data.batch_size", 150,
                        "data.prepared_path", prepared.toString(),
                        "train.epochs", 1));
    }
}
