package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.collective.ThreadGroups;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings whose members keep different rows of the embedding tables; the members are threads here. */
@Timeout(120)
class ShardedRunTest {
    private static final Offset<Float> ROUNDING = Offset.offset(1e-5f);

    @TempDir
    static Path prepared;

    @TempDir
    static Path common;

    /** The weights of a training of two members that nothing disturbed. */
    private static Map<String, float[]> whole = Map.of();

    @TempDir
    Path folder;

    @BeforeAll
    static void trainUndisturbedAndCutOff() throws IOException {
        train(2, saving(), common.resolve("whole"));
        whole = weights(common.resolve("whole"));
        cut(2, saving(), common.resolve("cut"));
    }

    /** Histories are padded, and rare ids are unknown ones; clipping sees all rows once. */
    @ParameterizedTest
    @CsvSource({"sgd, din", "rowwise_adagrad, deepfm", "adam, dnn"})
    void train_oneTwoAndFourMembers_giveTheWeightsOfOneProcess(String rule, String model) throws IOException {
        Recipe recipe = recipe(model).with("optimizer.sparse.name", rule);
        Map<String, float[]> alone = trained(1, recipe, "alone");
        for (int members : new int[] {2, 4}) {
            Map<String, float[]> shared = trained(members, sharded(recipe), "of" + members);
            assertThat(shared.keySet()).isEqualTo(alone.keySet());
            shared.forEach((name, values) -> assertThat(values)
                    .as("%s of %d members", name, members)
                    .containsExactly(alone.get(name), ROUNDING));
        }
    }

    /** Replicas, pieces of a share, and members' figures: what one process measures with the same weights. */
    @Test
    void train_replicasAndPieces_repeatBitForBitAndMeasureWhatOneProcessMeasures() throws IOException {
        Recipe recipe = sharded(recipe("dnn"))
                .with(Map.of(
                        "engine.replicas", 2, "engine.micro_batch", 4, "train.calibration", "platt", "train.epochs", 1))
                .with("model.embedding.dropout", 0.2);
        Map<String, float[]> first = trained(3, recipe, "first");
        assertSame(trained(3, recipe, "second"), first);
        try (Run run = Run.open(folder.resolve("first"))) {
            Map<String, Double> alone =
                    run.evaluate(EvaluationOptions.DEFAULT, notice -> {}).metrics();
            alone.forEach((name, value) ->
                    assertThat(run.metrics().get(name)).as(name).isCloseTo(value, Offset.offset(1e-6)));
        }
        assertThat(Files.readString(folder.resolve("first/tables.txt")))
                .contains("row-wise", "table-wise, on rank", "replicated", "rank 2 keeps");
    }

    /** Two members were cut off at step 7; as many, one and four go on. */
    @ParameterizedTest
    @ValueSource(ints = {2, 1, 4})
    void resume_withAnyNumberOfMembers_endsWithTheWeightsOfAnUndisturbedRun(int members) throws IOException {
        copyCut();
        try (Run stopped = Run.open(folder.resolve("cut"))) {
            assertThat(stopped.unfinishedAt()).hasValue(7);
        }
        resume(members, saving(), "cut");
        Map<String, float[]> ended = weights(folder.resolve("cut"));
        if (members == 2) {
            assertSame(ended, whole);
        } else {
            ended.forEach((name, values) -> assertThat(values).as(name).containsExactly(whole.get(name), ROUNDING));
        }
    }

    @Test
    void resume_checkpointOfOneProcess_goesOnWithSharedTables() throws IOException {
        Recipe recipe = recipe("dnn").with("train.epochs", 1).with("checkpoint.every_steps", 5);
        cut(1, recipe, folder.resolve("cut"));
        resume(4, sharded(recipe), "cut");
        weights(folder.resolve("cut"))
                .forEach((name, values) -> assertThat(values).as(name).containsExactly(whole.get(name), ROUNDING));
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing", "damaged"})
    void resume_partOfACheckpointIsMissingOrDamaged_isNamedAndTheOneBeforeTaken(String how) throws IOException {
        copyCut();
        Path part = parts("cut", "step-000000000007").get(1);
        byte[] bytes = Files.readAllBytes(part);
        Files.delete(part);
        if (how.equals("damaged")) {
            bytes[bytes.length - 3] ^= 1;
            Files.write(part, bytes);
        }
        List<String> warnings = new ArrayList<>();
        resume(2, saving(), "cut", warnings);
        assertThat(warnings)
                .singleElement()
                .asString()
                .contains("of step 7", part.getFileName().toString(), how);
        assertSame(weights(folder.resolve("cut")), whole);
    }

    /** A kill between the parts and the file that names them leaves parts that nothing names; the next checkpoint removes them. */
    @Test
    void train_checkpointsThatAreKept_haveTheirPartsAndNoOthersAreLeft() throws IOException {
        copyCut();
        Path checkpoints = folder.resolve("cut/checkpoints");
        Path stray = checkpoints.resolve("step-000000000009.save-1.rank-0-of-2.safetensors");
        Files.copy(parts("cut", "step-000000000007").get(0), stray);
        resume(2, saving().with("checkpoint.keep", 1), "cut");
        assertThat(stray).doesNotExist();
        try (Stream<Path> files = Files.list(checkpoints)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .hasSize(3)
                    .allMatch(name -> name.startsWith("step-000000000020"));
        }
    }

    @Test
    void train_fromWeightsOfAFile_givesEachMemberItsRows() throws IOException {
        Recipe recipe = recipe("dnn").with("train.epochs", 1);
        trained(1, recipe, "start");
        Recipe next = recipe.with(
                "model.init_from", folder.resolve("start/weights.safetensors").toString());
        Map<String, float[]> alone = trained(1, next, "alone");
        trained(2, sharded(next), "shared")
                .forEach((name, values) -> assertThat(values).as(name).containsExactly(alone.get(name), ROUNDING));
    }

    @Test
    void train_autoWithEnoughMemory_sharesNothingAndSaysSo() throws IOException {
        Recipe recipe = recipe("dnn").with("train.epochs", 1);
        Recipe auto = recipe.with(Map.of("distributed.tables", "auto", "distributed.table_memory_mib", 64));
        assertSame(trained(2, auto, "auto"), trained(2, recipe, "plain"));
        assertThat(Files.readString(folder.resolve("auto/tables.txt")))
                .contains("replicated")
                .doesNotContain("wise");
    }

    @Test
    void train_rowsInFewerBits_areRefusedByNameBeforeAnythingIsWritten() {
        Recipe recipe = sharded(recipe("dnn")).with("model.embedding.storage", "int8");
        assertThatThrownBy(() -> train(2, recipe, "run"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model.embedding.storage")
                .hasMessageContaining("distributed.tables");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void train_tableThatIsNone_isRefusedNamingThoseThatThereAre() {
        Recipe recipe = sharded(recipe("dnn")).with("distributed.row_wise", List.of("advert"));
        assertThatThrownBy(() -> train(2, recipe, "run"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("advert")
                .hasMessageContaining("user_id");
    }

    private static Recipe saving() {
        return sharded(recipe("dnn")).with(Map.of("train.epochs", 1, "checkpoint.every_steps", 5));
    }

    private static Recipe sharded(Recipe recipe) {
        return recipe.with(Map.of(
                "distributed.tables",
                "sharded",
                "distributed.row_wise",
                List.of("user_id", "ad_id"),
                "distributed.table_wise",
                List.of("publisher")));
    }

    private static Recipe recipe(String kind) {
        return Recipe.named("simulated_impressions_" + kind)
                .with("data.rows", 393)
                .with("data.validation_rows", 90)
                .with("data.test_rows", 90)
                .with("data.users", 100)
                .with("data.ads", 100)
                .with("data.batch_size", 20)
                .with("data.prepared_path", prepared.toString())
                .with("model.embedding.size", 4)
                .with("model.embedding.dropout", 0)
                .with("model.hidden", List.of(16, 8))
                .with("optimizer.name", "sgd")
                .with("optimizer.clip_norm", 0.5)
                .with("optimizer.learning_rate", 0.02)
                .with("train.epochs", 2)
                .with("train.patience", 4)
                .with("engine.threads", 1);
    }

    private Map<String, float[]> trained(int members, Recipe recipe, String name) throws IOException {
        train(members, recipe, name);
        return weights(folder.resolve(name));
    }

    private void train(int members, Recipe recipe, String name) {
        train(members, recipe, folder.resolve(name));
    }

    private static void train(int members, Recipe recipe, Path run) {
        ThreadGroups.run(members, group -> {
            Trainer.train(recipe, run, group, Optional.empty(), Progress.silent())
                    .close();
            return 0;
        });
    }

    /** Stops after seven steps: members hear of the wish with the gradients of the next step. */
    private static void cut(int members, Recipe recipe, Path run) {
        ThreadGroups.run(members, group -> {
            Progress progress = group.rank() == 0 ? new StopAfter(members == 1 ? 7 : 6) : Progress.silent();
            Trainer.train(recipe, run, group, Optional.empty(), progress).close();
            return 0;
        });
    }

    private void copyCut() throws IOException {
        Path from = common.resolve("cut");
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve("cut").resolve(from.relativize(file)));
            }
        }
    }

    private void resume(int members, Recipe recipe, String name) {
        List<String> warnings = new ArrayList<>();
        resume(members, recipe, name, warnings);
        assertThat(warnings).isEmpty();
    }

    private void resume(int members, Recipe recipe, String name, List<String> warnings) {
        ThreadGroups.run(members, group -> {
            Progress progress = new Progress() {
                @Override
                public void warning(String message) {
                    synchronized (warnings) {
                        warnings.add(message);
                    }
                }
            };
            Trainer.resume(recipe, folder.resolve(name), group, Optional.empty(), progress)
                    .close();
            return 0;
        });
    }

    private List<Path> parts(String name, String step) {
        try (Stream<Path> files = Files.list(folder.resolve(name).resolve("checkpoints"))) {
            return files.filter(file -> file.getFileName().toString().startsWith(step + ".save"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertSame(Map<String, float[]> weights, Map<String, float[]> expected) {
        assertThat(weights.keySet()).isEqualTo(expected.keySet());
        weights.forEach((name, values) -> assertThat(values).as(name).isEqualTo(expected.get(name)));
    }

    private static Map<String, float[]> weights(Path run) throws IOException {
        Map<String, float[]> weights = new TreeMap<>();
        try (Safetensors file = Safetensors.read(run.resolve("weights.safetensors"))) {
            file.tensors().forEach((name, tensor) -> weights.put(name, Tensors.toFloats(tensor)));
        }
        return weights;
    }
}
