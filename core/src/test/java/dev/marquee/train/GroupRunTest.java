package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.marquee.checkpoint.Safetensors;
import dev.marquee.collective.Group;
import dev.marquee.collective.GroupException;
import dev.marquee.collective.ThreadGroups;
import dev.marquee.data.IdxFiles;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings whose batches are shared by the members of a group; these are threads here. */
@Timeout(120)
class GroupRunTest {
    private static final Offset<Float> ROUNDING = Offset.offset(1e-5f);

    @TempDir
    static Path pictures;

    @TempDir
    static Path otherPictures;

    @TempDir
    static Path prepared;

    @TempDir
    Path folder;

    @BeforeAll
    static void writePictures() throws IOException {
        IdxFiles.write(pictures, 403, 51, false);
        IdxFiles.write(otherPictures, 404, 51, false);
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

    /** Dropout draws by rank, Adam remembers, and each member has two replicas. */
    @Test
    void train_twiceWithDropoutAndReplicas_givesTheSameWeightsBitForBit() throws IOException {
        Recipe recipe = drawn().with("engine.replicas", 2);
        Map<String, float[]> first = trained(2, recipe, "first");
        assertSame(trained(2, recipe, "second"), first);
        assertThat(Files.readString(folder.resolve("first/provenance.json"))).contains("\"processes\" : 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "bfloat16"})
    void resume_stoppedRun_endsWithTheWeightsOfAnUndisturbedRun(String compression) throws IOException {
        Recipe recipe =
                drawn().with("distributed.gradient_compression", compression).with("checkpoint.every_steps", 7);
        Map<String, float[]> whole = trained(2, recipe, "whole");
        // The members hear of the wish with the gradients of the next step, the seventh, which is saved in any case.
        train(2, recipe, "cut", group -> group.rank() == 0 ? new StopAfter(6) : Progress.silent());
        try (Run stopped = Run.open(folder.resolve("cut"))) {
            assertThat(stopped.unfinishedAt()).hasValue(7);
        }
        ThreadGroups.run(2, group -> {
            Trainer.resume(recipe, folder.resolve("cut"), group, Optional.empty(), Progress.silent())
                    .close();
            return 0;
        });
        assertSame(weights(folder.resolve("cut")), whole);
        assertThat(Files.readString(folder.resolve("cut/summary.json")))
                .contains("\"weights_of_step\" : " + step(folder.resolve("whole")));
    }

    /** Large layers are computed in pieces in every step alike, the first of a process too. */
    @ParameterizedTest
    @ValueSource(strings = {"float32", "bfloat16"})
    void resume_aLayerThatIsSentInPieces_endsWithTheWeightsOfAnUndisturbedRun(String precision) throws IOException {
        Recipe recipe = perceptron()
                .with("engine.precision", precision)
                .with("model.sizes", List.of(784, 400, 10))
                .with("train.epochs", 1)
                .with("checkpoint.every_steps", 7);
        Map<String, float[]> whole = trained(2, recipe, "whole");
        train(2, recipe, "cut", group -> group.rank() == 0 ? new StopAfter(6) : Progress.silent());
        ThreadGroups.run(2, group -> {
            Trainer.resume(recipe, folder.resolve("cut"), group, Optional.empty(), Progress.silent())
                    .close();
            return 0;
        });
        assertSame(weights(folder.resolve("cut")), whole);
        assertSame(trained(2, recipe.with("distributed.overlap", false), "apart"), whole);
    }

    @Test
    void train_compressedGradients_learnsAlmostTheSame() throws IOException {
        Recipe recipe = drawn().with("model.embedding.dropout", 0);
        train(2, recipe, "exact", group -> Progress.silent());
        train(2, recipe.with("distributed.gradient_compression", "bfloat16"), "half", group -> Progress.silent());
        double exact = metrics("exact").get("loss");
        assertThat(metrics("half").get("loss")).isNotEqualTo(exact).isCloseTo(exact, Offset.offset(0.005));
    }

    /** What members measure together is what one process measures with the same weights. */
    @Test
    void train_severalMembers_measureWhatOneProcessMeasures() {
        Recipe recipe = drawn().with("train.calibration", "platt").with("data.test_rows", 151);
        train(3, recipe, "run", group -> Progress.silent());
        try (Run run = Run.open(folder.resolve("run"))) {
            Map<String, Double> alone =
                    run.evaluate(EvaluationOptions.DEFAULT, notice -> {}).metrics();
            assertThat(run.metrics().keySet()).isEqualTo(alone.keySet());
            assertThat(run.metrics()).containsEntry("auc", alone.get("auc")).containsEntry("gauc", alone.get("gauc"));
            alone.forEach((name, value) ->
                    assertThat(run.metrics().get(name)).as(name).isCloseTo(value, Offset.offset(1e-6)));
        }
    }

    @Test
    void train_severalMembers_onlyTheFirstTells() {
        List<Recorder> told = List.of(new Recorder(), new Recorder());
        train(2, drawn(), "run", group -> told.get(group.rank()));
        assertThat(told.get(0).epochs).isEqualTo(2);
        assertThat(told.get(1).epochs).isZero();
        assertThat(told.get(1).notices).isNotEmpty();
    }

    @Test
    void train_recipesThatDiffer_areRefusedNamingTheKeyBeforeAnythingIsWritten() {
        assertThatThrownBy(() -> ThreadGroups.run(2, group -> {
                    Recipe recipe = drawn().with("optimizer.learning_rate", group.rank() == 0 ? 0.01 : 0.02);
                    Trainer.train(recipe, folder.resolve("run"), group, Optional.empty(), Progress.silent())
                            .close();
                    return 0;
                }))
                .isInstanceOf(GroupException.class)
                .hasMessageContaining("rank 1")
                .hasMessageContaining("optimizer.learning_rate: 0.01 on rank 0, 0.02 on rank 1");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void train_dataThatDiffer_areRefused() {
        assertThatThrownBy(() -> ThreadGroups.run(2, group -> {
                    Path other = group.rank() == 0 ? pictures : otherPictures;
                    Recipe recipe = perceptron().with("data.path", other.toString());
                    Trainer.train(recipe, folder.resolve("run"), group, Optional.empty(), Progress.silent())
                            .close();
                    return 0;
                }))
                .isInstanceOf(GroupException.class)
                .hasMessageContaining("fingerprint of the training data");
    }

    @Test
    void train_networkWithBatchNorm_isRefusedByNameBeforeAnythingIsWritten() {
        assertThatThrownBy(() -> train(2, perceptron().with("model.norm", "batch"), "run", group -> Progress.silent()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 processes")
                .hasMessageContaining("batch norm");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void train_lossThatIsNotFinite_stopsAllMembersBeforeTheWeightsChange() {
        Recipe recipe = perceptron().with("optimizer.learning_rate", 1e30);
        assertThatThrownBy(() -> train(2, recipe, "run", group -> Progress.silent()))
                .isInstanceOf(DivergedException.class);
    }

    private static final class Recorder implements Progress {
        int epochs;
        final List<String> notices = new ArrayList<>();

        @Override
        public void notice(String topic, String message) {
            notices.add(topic);
        }

        @Override
        public void epochEnded(EpochResult result) {
            epochs++;
        }
    }

    private static Recipe drawn() {
        return ranking("dnn")
                .with("data.rows", 400)
                .with("data.batch_size", 30)
                .with("model.embedding.dropout", 0.2)
                .with("optimizer.name", "adam")
                .with("optimizer.clip_norm", 1)
                .with("optimizer.sparse.name", "adam")
                .with("optimizer.learning_rate", 0.01)
                .with("train.epochs", 2);
    }

    private static Recipe perceptron() {
        return pictures("fashion_mnist_perceptron").with("model.sizes", List.of(784, 32, 16, 10));
    }

    private static Recipe attention() {
        return pictures("fashion_mnist_attention")
                .with("model.units", 4)
                .with("model.blocks", 1)
                .with("model.heads", 2)
                .with("model.feed_forward", 8)
                .with("model.hidden", 16)
                .with("model.dropout", 0);
    }

    /** The last batch has 3 samples: with four members somebody's share is empty. */
    private static Recipe pictures(String name) {
        return Recipe.named(name)
                .with("data.path", pictures.toString())
                .with("data.batch_size", 12)
                .with("data.validation_fraction", 0.1)
                .with("train.epochs", 7)
                .with("optimizer.name", "sgd")
                .with("optimizer.learning_rate", 0.05)
                .with("engine.threads", 1);
    }

    private static Recipe ranking(String kind) {
        return Recipe.named("simulated_impressions_" + kind)
                .with("data.rows", 983)
                .with("data.validation_rows", 150)
                .with("data.test_rows", 150)
                .with("data.users", 100)
                .with("data.ads", 100)
                .with("data.batch_size", 20)
                .with("data.prepared_path", prepared.toString())
                .with("model.embedding.size", 4)
                .with("model.embedding.dropout", 0)
                .with("model.hidden", List.of(16, 8))
                .with("optimizer.name", "sgd")
                .with("optimizer.sparse.name", "sgd")
                .with("optimizer.learning_rate", 0.05)
                .with("train.epochs", 4)
                .with("train.patience", 4)
                .with("engine.threads", 1);
    }

    private Map<String, float[]> trained(int members, Recipe recipe, String name) throws IOException {
        train(members, recipe, name, group -> Progress.silent());
        return weights(folder.resolve(name));
    }

    private void train(int members, Recipe recipe, String name, Function<Group, Progress> progress) {
        ThreadGroups.run(members, group -> {
            Trainer.train(recipe, folder.resolve(name), group, Optional.empty(), progress.apply(group))
                    .close();
            return group.rank();
        });
    }

    private Map<String, Double> metrics(String name) {
        try (Run run = Run.open(folder.resolve(name))) {
            return run.metrics();
        }
    }

    private static void assertSame(Map<String, float[]> weights, Map<String, float[]> expected) {
        assertThat(weights.keySet()).isEqualTo(expected.keySet());
        weights.forEach((name, values) -> assertThat(values).as(name).isEqualTo(expected.get(name)));
    }

    private static long step(Path run) throws IOException {
        return new ObjectMapper()
                .readTree(Files.readString(run.resolve("summary.json")))
                .path("weights_of_step")
                .asLong();
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
