package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.collective.ThreadGroups;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trainings some of whose parameters and tables keep their first values. */
@Timeout(120)
class FrozenRunTest {
    private static final String BST = "history.history.block1.attention.W_key.weight,history.*.W_query,perceptron.fc1";

    @TempDir
    static Path prepared;

    @TempDir
    Path folder;

    /** The gradients of a first step are those without freezing; momentum, clipping and all would tell them apart. */
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "din, 'attention.*.weight,embedding.user_id,embedding.topic,perceptron.fc1'",
        "bst, 'embedding,history.*.W_value,history.history.positions'",
        "deepfm, 'embedding,deep.fc1,*bias'"
    })
    void train_oneStepFromAWeightsFile_changesWhatIsNotFrozenAsWithoutFreezing(String kind, String freeze)
            throws IOException {
        Recipe recipe = recipe("simulated_impressions_" + kind)
                .with("data.batch_size", 300)
                .with("optimizer.name", "sgd")
                .with("optimizer.momentum", 0.9)
                .with("optimizer.weight_decay", 0.01)
                .with("optimizer.sparse.name", "adagrad")
                .with("optimizer.sparse.weight_decay", 0.001);
        Map<String, float[]> first = trained(recipe.with("seed", 7), "first");
        recipe = recipe.with(
                "model.init_from", folder.resolve("first/weights.safetensors").toString());
        Map<String, float[]> free = trained(recipe, "free");
        Map<String, float[]> frozen = trained(recipe.with("train.freeze", names(freeze)), "frozen");

        assertThat(frozen.keySet()).isEqualTo(first.keySet());
        Predicate<String> stays = stays(freeze);
        assertThat(first.keySet()).anyMatch(stays).anyMatch(stays.negate());
        frozen.forEach((name, values) -> {
            assertThat(values).as(name).containsExactly((stays.test(name) ? first : free).get(name), Offset.offset(0f));
            assertThat(free.get(name)).as("unfrozen " + name).isNotEqualTo(first.get(name));
        });
    }

    @ParameterizedTest
    @CsvSource({"din, 'attention.*.weight,embedding.user_id,perceptron.fc1'", "bst, '" + BST + "'", "dnn, 'embedding'"})
    void train_replicasInPieces_givesTheWeightsOfThePlainPathButForRounding(String kind, String freeze)
            throws IOException {
        Recipe recipe = recipe("simulated_impressions_" + kind)
                .with("optimizer.name", "sgd")
                .with("optimizer.sparse.name", "sgd")
                .with("optimizer.learning_rate", 0.05)
                .with("optimizer.clip_norm", 0.5)
                .with("model.embedding.dropout", 0)
                .with("train.freeze", names(freeze));
        Map<String, float[]> plain = trained(
                recipe.with("engine.replicas", 1).with("engine.fused", false).with("engine.threads", 1), "plain");
        trained(recipe.with("engine.replicas", 2).with("engine.micro_batch", 12), "fast")
                .forEach((name, values) ->
                        assertThat(values).as(name).containsExactly(plain.get(name), Offset.offset(2e-5f)));
    }

    @Test
    void resume_membersOfAGroup_endWithTheWeightsOfAnUndisturbedRunAndFrozenOnesStay() throws IOException {
        Recipe recipe = adam().with("train.freeze", List.of("embedding.ad_id", "deep.fc1.weight"))
                .with("checkpoint.every_steps", 7)
                .with("train.epochs", 2);
        Map<String, float[]> first = trained(adam().with("seed", 5), "first");
        Recipe begun = recipe.with(
                "model.init_from", folder.resolve("first/weights.safetensors").toString());
        Map<String, float[]> whole = together(begun, "whole", false);
        together(begun, "cut", true);
        ThreadGroups.run(2, group -> {
            Trainer.resume(begun, folder.resolve("cut"), group, Optional.empty(), Progress.silent())
                    .close();
            return 0;
        });
        Map<String, float[]> resumed = weights(folder.resolve("cut"));
        assertThat(resumed.keySet()).isEqualTo(whole.keySet());
        resumed.forEach((name, values) -> assertThat(values).as(name).isEqualTo(whole.get(name)));
        for (String name : List.of("embedding.ad_id", "deep.fc1.weight")) {
            assertThat(resumed.get(name)).as(name).isEqualTo(first.get(name));
        }
        assertThat(resumed.get("embedding.user_id")).isNotEqualTo(first.get("embedding.user_id"));
    }

    @ParameterizedTest
    @CsvSource({"engine.precision, bfloat16", "engine.recompute, true", "model.embedding.storage, int8"})
    void train_withAnotherSetting_frozenOnesStay(String key, String value) throws IOException {
        Recipe recipe = adam().with(key, value.equals("true") ? true : value);
        Map<String, float[]> first = trained(recipe, "first");
        recipe = recipe.with(
                        "model.init_from",
                        folder.resolve("first/weights.safetensors").toString())
                .with("train.freeze", List.of("embedding.ad_id", "deep.fc1"));
        Map<String, float[]> last = trained(recipe, "last");
        for (String name : List.of("embedding.ad_id", "deep.fc1.weight", "deep.fc1.bias")) {
            assertThat(last.get(name)).as(name).isEqualTo(first.get(name));
        }
        assertThat(last.get("deep.fc2.weight")).isNotEqualTo(first.get("deep.fc2.weight"));
    }

    @Test
    void train_asynchronousReplicas_frozenOnesStay() throws IOException {
        Recipe recipe = recipe("simulated_impressions_dnn")
                .with("optimizer.name", "sgd")
                .with("optimizer.sparse.name", "adagrad")
                .with("engine.replicas", 2)
                .with("engine.replica_updates", "asynchronous");
        Map<String, float[]> first = trained(recipe, "first");
        recipe = recipe.with(
                        "model.init_from",
                        folder.resolve("first/weights.safetensors").toString())
                .with("train.freeze", List.of("embedding", "*.bias"));
        Map<String, float[]> last = trained(recipe, "last");
        last.forEach((name, values) -> {
            boolean stays = name.startsWith("embedding.") || name.endsWith(".bias");
            assertThat(Arrays.equals(values, first.get(name))).as(name).isEqualTo(stays);
        });
    }

    @Test
    void train_nothingOfThatName_isRefusedWithTheNamesBeforeAnythingIsWritten() {
        Recipe recipe = recipe("simulated_impressions_dnn").with("train.freeze", List.of("embedding", "fc1"));
        assertThatThrownBy(() -> trained(recipe, "run"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("train.freeze: nothing is named \"fc1\"; there are embedding.")
                .hasMessageContaining("deep.fc1.weight");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    private static List<String> names(String freeze) {
        return List.of(freeze.split(",", -1));
    }

    /** What the documentation says of patterns, by other means. */
    private static Predicate<String> stays(String freeze) {
        return name -> names(freeze).stream().anyMatch(pattern -> {
            String expression = pattern.replace(".", "[.]").replace("*", ".*");
            return Pattern.matches(expression, name) || Pattern.matches(expression + "[.].*", name);
        });
    }

    private static Recipe adam() {
        return recipe("simulated_impressions_dnn")
                .with("model.embedding.dropout", 0.2)
                .with("optimizer.name", "adamw")
                .with("optimizer.clip_norm", 1)
                .with("optimizer.sparse.name", "adam")
                .with("optimizer.sparse.weight_decay", 0.01)
                .with("optimizer.learning_rate", 0.01);
    }

    private static Recipe recipe(String name) {
        return Recipe.named(name)
                .with("data.rows", 300)
                .with("data.validation_rows", 100)
                .with("data.test_rows", 100)
                .with("data.users", 50)
                .with("data.ads", 50)
                .with("data.batch_size", 40)
                .with("data.prepared_path", prepared.toString())
                .with("train.epochs", 1);
    }

    private Map<String, float[]> together(Recipe recipe, String name, boolean cut) throws IOException {
        ThreadGroups.run(2, group -> {
            Progress progress = cut && group.rank() == 0 ? new StopAfter(6) : Progress.silent();
            Trainer.train(recipe, folder.resolve(name), group, Optional.empty(), progress)
                    .close();
            return 0;
        });
        return cut ? Map.of() : weights(folder.resolve(name));
    }

    private Map<String, float[]> trained(Recipe recipe, String name) throws IOException {
        Trainer.train(recipe, folder.resolve(name), Progress.silent()).close();
        return weights(folder.resolve(name));
    }

    private static Map<String, float[]> weights(Path run) throws IOException {
        Map<String, float[]> weights = new TreeMap<>();
        try (Safetensors file = Safetensors.read(run.resolve("weights.safetensors"))) {
            file.tensors()
                    .forEach((name, tensor) ->
                            weights.put(name, Tensors.toFloats(tensor.to(DType.FLOAT32.scalarType()))));
        }
        return weights;
    }
}
