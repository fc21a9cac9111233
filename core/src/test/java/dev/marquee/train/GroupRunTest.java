package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.collective.ThreadGroups;
import dev.marquee.data.IdxFiles;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Trainings whose batches are shared by the members of a group; these are threads here. */
@Timeout(120)
class GroupRunTest {
    private static final Offset<Float> ROUNDING = Offset.offset(1e-5f);

    @TempDir
    static Path pictures;

    @TempDir
    static Path prepared;

    @TempDir
    Path folder;

    @BeforeAll
    static void writePictures() throws IOException {
        IdxFiles.write(pictures, 203, 50, false);
    }

    static Stream<Arguments> recipes() {
        return Stream.of(
                Arguments.of("perceptron", perceptron()),
                Arguments.of("attention", attention()),
                Arguments.of("ranking", ranking("dnn")));
    }

    /** Two hundred steps of plain gradient descent in float32: what differs is the order of summation. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("recipes")
    void train_oneTwoAndFourMembers_giveTheSameWeightsButForRounding(String name, Recipe recipe) throws IOException {
        Map<String, float[]> alone = trained(1, recipe, "alone");
        assertThat(steps("alone")).isGreaterThanOrEqualTo(200);
        for (int members : new int[] {2, 4}) {
            trained(members, recipe, "of" + members)
                    .forEach((parameter, values) -> assertThat(values)
                            .as("%s of %s with %d members", parameter, name, members)
                            .containsExactly(alone.get(parameter), ROUNDING));
        }
    }

    private static Recipe perceptron() {
        return Recipe.named("fashion_mnist_perceptron")
                .with("data.path", pictures.toString())
                .with("data.batch_size", 20)
                .with("data.validation_fraction", 0.1)
                .with("train.epochs", 20)
                .with("model.hidden_units", List.of(32, 16))
                .with("model.dropout", 0)
                .with("optimizer.name", "sgd")
                .with("optimizer.learning_rate", 0.05)
                .with("engine.threads", 1);
    }

    private static Recipe attention() {
        return ranking("din");
    }

    private static Recipe ranking(String kind) {
        return Recipe.named("simulated_impressions_" + kind)
                .with("data.rows", 990)
                .with("data.validation_rows", 150)
                .with("data.test_rows", 150)
                .with("data.users", 100)
                .with("data.ads", 100)
                .with("data.batch_size", 20)
                .with("data.prepared_path", prepared.toString())
                .with("model.embedding.dropout", 0)
                .with("optimizer.name", "sgd")
                .with("optimizer.sparse.name", "sgd")
                .with("optimizer.learning_rate", 0.05)
                .with("train.epochs", 4)
                .with("engine.threads", 1);
    }

    private Map<String, float[]> trained(int members, Recipe recipe, String name) throws IOException {
        train(members, recipe, name, Progress.silent());
        return weights(folder.resolve(name));
    }

    private void train(int members, Recipe recipe, String name, Progress progress) {
        ThreadGroups.run(members, group -> {
            Trainer.train(recipe, folder.resolve(name), group, Optional.empty(), progress)
                    .close();
            return group.rank();
        });
    }

    private long steps(String name) throws IOException {
        return new RunFolder(folder.resolve(name))
                .readMetrics(line -> line.has("step")).stream()
                        .mapToLong(line -> line.path("step").asLong())
                        .max()
                        .orElse(0);
    }

    private static Map<String, float[]> weights(Path run) throws IOException {
        Map<String, float[]> weights = new TreeMap<>();
        try (Safetensors file = Safetensors.read(run.resolve("weights.safetensors"))) {
            file.tensors().forEach((name, tensor) -> weights.put(name, Tensors.toFloats(tensor)));
        }
        return weights;
    }
}
