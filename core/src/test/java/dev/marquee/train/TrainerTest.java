package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.data.IdxFiles;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {
    @TempDir
    static Path data;

    @TempDir
    Path folder;

    @BeforeAll
    static void writePictures() throws IOException {
        IdxFiles.write(data, 50, 20, false);
    }

    @Test
    void train_tinyPictures_leavesACompleteRunFolder() {
        Recorder recorder = new Recorder();
        try (Run run = Trainer.train(recipe(), folder.resolve("run"), recorder)) {
            assertThat(run.unfinishedAt()).isEmpty();
            assertThat(run.metrics()).containsKeys("accuracy", "loss");
            assertThat(run.evaluate(EvaluationOptions.DEFAULT, notice -> {}).metrics())
                    .isEqualTo(run.metrics());
        }
        assertThat(recorder.lines).hasSize(2);
        assertThat(recorder.lines.get(0)).matches("Epoch: {2}1 {2}\tTraining Loss: \\d+\\.\\d{6}");
        assertThat(folder.resolve("run"))
                .isDirectoryContaining("glob:**/recipe.yaml")
                .isDirectoryContaining("glob:**/weights.safetensors")
                .isDirectoryContaining("glob:**/metrics.jsonl")
                .isDirectoryContaining("glob:**/summary.json")
                .isDirectoryContaining("glob:**/provenance.json")
                .isDirectoryContaining("glob:**/checkpoints");
    }

    @Test
    void train_sameRecipeTwice_givesTheSameWeightsBitForBit() throws IOException {
        Trainer.train(recipe(), folder.resolve("a"), Progress.silent()).close();
        Trainer.train(recipe(), folder.resolve("b"), Progress.silent()).close();
        assertThat(weights(folder.resolve("a"))).isEqualTo(weights(folder.resolve("b")));
    }

    @Test
    void train_anotherSeed_givesOtherWeights() throws IOException {
        Trainer.train(recipe(), folder.resolve("a"), Progress.silent()).close();
        Trainer.train(recipe().with("seed", 2), folder.resolve("b"), Progress.silent())
                .close();
        assertThat(weights(folder.resolve("a"))).isNotEqualTo(weights(folder.resolve("b")));
    }

    @Test
    void train_weightsThatHardlyMove_epochLossIsTheMeanOverAllSamplesLastPartialBatchIncluded() throws IOException {
        Recipe still = recipe().with("optimizer.name", "sgd")
                .with("optimizer.learning_rate", 1e-30)
                .with("model.dropout", 0.0)
                .with("model.norm", "none")
                .with("train.epochs", 1);
        Recorder recorder = new Recorder();
        Trainer.train(still, folder.resolve("run"), recorder).close();
        // The same pictures as test data: their loss, computed in batches of another size, is the mean over samples.
        Path swapped = Files.createDirectory(folder.resolve("swapped"));
        for (String name : List.of("images-idx3-ubyte", "labels-idx1-ubyte")) {
            Files.copy(data.resolve("train-" + name), swapped.resolve("t10k-" + name));
            Files.copy(data.resolve("train-" + name), swapped.resolve("train-" + name));
        }
        try (Run run = Run.open(folder.resolve("run"))) {
            double expected = run.evaluate(EvaluationOptions.of(swapped), notice -> {})
                    .metrics()
                    .get("loss");
            assertThat(recorder.results.get(0).trainingLoss())
                    .isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-6));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 8, 13})
    void resume_runStoppedAfterAnyStep_endsWithTheWeightsOfAnUndisturbedRun(int step) throws IOException {
        Trainer.train(recipe(), folder.resolve("whole"), Progress.silent()).close();
        Path cut = folder.resolve("cut");
        try (Run stopped = Trainer.train(recipe(), cut, new StopAfter(step))) {
            assertThat(stopped.unfinishedAt()).hasValue(step);
        }
        Recorder recorder = new Recorder();
        Trainer.resume(cut, recorder).close();
        assertThat(weights(cut)).isEqualTo(weights(folder.resolve("whole")));
        assertThat(epochLines(cut)).isEqualTo(epochLines(folder.resolve("whole")));
    }

    @Test
    void resume_damagedLatestCheckpoint_fallsBackToTheOneBeforeAndSaysSo() throws IOException {
        Trainer.train(recipe(), folder.resolve("whole"), Progress.silent()).close();
        Path cut = folder.resolve("cut");
        Trainer.train(recipe(), cut, new StopAfter(9)).close();
        Path latest = cut.resolve("checkpoints/step-000000000009.safetensors");
        byte[] content = Files.readAllBytes(latest);
        content[content.length - 5] ^= 0x10;
        Files.write(latest, content);
        Recorder recorder = new Recorder();
        Trainer.resume(cut, recorder).close();
        assertThat(recorder.warnings)
                .singleElement()
                .asString()
                .contains("passing over a damaged checkpoint", "step-000000000009", "checksum");
        assertThat(weights(cut)).isEqualTo(weights(folder.resolve("whole")));
    }

    @Test
    void resume_truncatedLatestCheckpoint_fallsBackToTheOneBefore() throws IOException {
        Path cut = folder.resolve("cut");
        Trainer.train(recipe(), cut, new StopAfter(9)).close();
        Path latest = cut.resolve("checkpoints/step-000000000009.safetensors");
        byte[] content = Files.readAllBytes(latest);
        Files.write(latest, java.util.Arrays.copyOf(content, content.length / 2));
        Recorder recorder = new Recorder();
        Trainer.resume(cut, recorder).close();
        assertThat(recorder.warnings).singleElement().asString().contains("passing over a damaged checkpoint");
    }

    @Test
    void resume_noWholeCheckpointLeft_startsFromTheBeginningAndEndsAlike() throws IOException {
        Trainer.train(recipe(), folder.resolve("whole"), Progress.silent()).close();
        Path cut = folder.resolve("cut");
        Trainer.train(recipe(), cut, new StopAfter(9)).close();
        try (var checkpoints = Files.list(cut.resolve("checkpoints"))) {
            for (Path checkpoint : checkpoints.toList()) {
                Files.write(checkpoint, new byte[] {1, 2, 3});
            }
        }
        Recorder recorder = new Recorder();
        Trainer.resume(cut, recorder).close();
        assertThat(recorder.warnings).last().asString().contains("starting from the beginning");
        assertThat(weights(cut)).isEqualTo(weights(folder.resolve("whole")));
    }

    @Test
    void resume_anotherArchitecture_isRefusedNamingTheKeys() {
        Path run = folder.resolve("run");
        Trainer.train(recipe(), run, new StopAfter(3)).close();
        Recipe other = recipe().with("model.sizes", List.of(784, 9, 10)).with("seed", 5);
        assertThatThrownBy(() -> Trainer.resume(other, run, Progress.silent()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model.sizes   was [784, 12, 10], is now [784, 9, 10]")
                .hasMessageContaining("seed   was 1, is now 5");
    }

    @Test
    void resume_moreEpochs_goesOn() {
        Path run = folder.resolve("run");
        Trainer.train(recipe(), run, Progress.silent()).close();
        Recorder recorder = new Recorder();
        Trainer.resume(recipe().with("train.epochs", 3), run, recorder).close();
        assertThat(recorder.results)
                .singleElement()
                .satisfies(result -> assertThat(result.epoch()).isEqualTo(3));
    }

    @Test
    void resume_changedPictures_isRefused() throws IOException {
        Path run = folder.resolve("run");
        Trainer.train(recipe(), run, new StopAfter(3)).close();
        Path other = folder.resolve("other");
        Files.createDirectory(other);
        IdxFiles.write(other, 51, 20, false);
        assertThatThrownBy(() -> Trainer.resume(recipe().with("data.path", other.toString()), run, Progress.silent()))
                .hasMessageContaining("the training data changed since the run began");
    }

    @Test
    void train_folderThatHoldsARun_isRefusedAndUntouched() throws IOException {
        Path run = folder.resolve("run");
        Trainer.train(recipe(), run, Progress.silent()).close();
        byte[] before = weights(run);
        assertThatThrownBy(() -> Trainer.train(recipe(), run, Progress.silent()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("holds a run already: resume it with --resume");
        assertThat(weights(run)).isEqualTo(before);
    }

    @Test
    void train_twoIntoOneFolder_secondIsRefused() {
        Path run = folder.resolve("run");
        Progress second = new Progress() {
            @Override
            public void epochStarted(int epoch, long done, long samples) {
                assertThatThrownBy(() -> Trainer.resume(run, Progress.silent()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("another training is writing to");
            }
        };
        Trainer.train(recipe(), run, second).close();
    }

    @Test
    void train_modelThatDoesNotFitThePictures_isRefusedBeforeAnythingIsWritten() {
        Path run = folder.resolve("run");
        assertThatThrownBy(() -> Trainer.train(recipe().with("model.sizes", List.of(100, 10)), run, Progress.silent()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("100 values a sample, not [8, 28, 28]");
        assertThatThrownBy(() -> Trainer.train(recipe().with("model.sizes", List.of(784, 5)), run, Progress.silent()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5");
        assertThat(run).doesNotExist();
    }

    @Test
    void train_lossThatIsNotFinite_stopsNamingTheStepAndKeepsTheCheckpoints() throws IOException {
        Path run = folder.resolve("run");
        Recipe wild = recipe().with("optimizer.name", "sgd")
                .with("optimizer.learning_rate", 1e30)
                .with("model.norm", "none")
                .with("model.dropout", 0.0);
        assertThatThrownBy(() -> Trainer.train(wild, run, Progress.silent()))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("at step 2 (epoch 1)")
                .hasMessageContaining("smaller optimizer.learning_rate");
        try (Safetensors checkpoint = Safetensors.read(run.resolve("checkpoints/step-000000000000.safetensors"))) {
            checkpoint.tensors().values().forEach(tensor -> {
                for (double value : Tensors.toDoubles(tensor)) {
                    assertThat(value).isFinite();
                }
            });
        }
    }

    @Test
    void train_initFromARunsWeights_startsThere() throws IOException {
        Path first = folder.resolve("first");
        Trainer.train(recipe(), first, Progress.silent()).close();
        Path second = folder.resolve("second");
        Recipe from = recipe().with(
                        "model.init_from", first.resolve("weights.safetensors").toString())
                .with("optimizer.name", "sgd")
                .with("optimizer.learning_rate", 1e-30)
                .with("model.dropout", 0.0)
                .with("train.epochs", 1);
        Trainer.train(from, second, Progress.silent()).close();
        assertThat(tensors(second).get("fc1.weight")).isEqualTo(tensors(first).get("fc1.weight"));
    }

    @Test
    void train_initFromWeightsThatDoNotFit_listsThemAllAndLeavesNoRun() throws IOException {
        Path first = folder.resolve("first");
        Trainer.train(recipe().with("model.sizes", List.of(784, 7, 10)), first, Progress.silent())
                .close();
        Path second = folder.resolve("second");
        Recipe from = recipe().with("model.norm", "none")
                .with("model.init_from", first.resolve("weights.safetensors").toString());
        assertThatThrownBy(() -> Trainer.train(from, second, Progress.silent()))
                .hasMessageContaining("fc1.weight: is [7, 784] FLOAT32; the model needs [12, 784] FLOAT32")
                .hasMessageContaining("norm1.weight: unexpected");
        assertThat(second.resolve("recipe.yaml")).doesNotExist();
    }

    @Test
    void train_checkpoints_keepsTheLatestAndTheBest() throws IOException {
        Path run = folder.resolve("run");
        Recipe many = recipe().with("train.epochs", 6).with("checkpoint.keep", 2);
        Recorder recorder = new Recorder();
        Trainer.train(many, run, recorder).close();
        int best = recorder.results.stream()
                .filter(Progress.EpochResult::best)
                .mapToInt(Progress.EpochResult::epoch)
                .max()
                .orElseThrow();
        List<String> expected =
                new ArrayList<>(List.of("step-000000000040.safetensors", "step-000000000042.safetensors"));
        String bestFile = String.format("step-%012d.safetensors", best * 7);
        if (!expected.contains(bestFile)) {
            expected.add(0, bestFile);
        }
        try (var files = Files.list(run.resolve("checkpoints"))) {
            assertThat(files.map(file -> file.getFileName().toString()).sorted().toList())
                    .isEqualTo(expected);
        }
    }

    @Test
    void train_selectBest_endsWithTheWeightsOfTheBestEpochOnHeldOutPictures() throws IOException {
        Path run = folder.resolve("run");
        Recipe best = recipe().with("data.validation_fraction", 0.3)
                .with("checkpoint.select", "best")
                .with("optimizer.learning_rate", 0.3)
                .with("train.epochs", 4);
        Recorder recorder = new Recorder();
        Trainer.train(best, run, recorder).close();
        long step = recorder.results.stream()
                        .filter(Progress.EpochResult::best)
                        .mapToInt(Progress.EpochResult::epoch)
                        .max()
                        .orElseThrow()
                * 5L;
        try (Safetensors checkpoint =
                Safetensors.read(run.resolve(String.format("checkpoints/step-%012d.safetensors", step)))) {
            assertThat(Tensors.toFloats(checkpoint.tensors().get("model.fc1.weight")))
                    .isEqualTo(tensors(run).get("fc1.weight"));
        }
    }

    /** Everything that a resumed run must restore is in it: moments, dropout, running statistics, a schedule. */
    private static Recipe recipe() {
        return Recipe.DEFAULT
                .with("data.path", data.toString())
                .with("data.batch_size", 8)
                .with("model.sizes", List.of(784, 12, 10))
                .with("model.dropout", 0.2)
                .with("model.norm", "batch")
                .with("optimizer.name", "adam")
                .with("optimizer.learning_rate", 0.01)
                .with("schedule.name", "cosine")
                .with("checkpoint.every_steps", 4)
                .with("train.epochs", 2)
                .with("train.log_every_steps", 1)
                .with("engine.threads", 1);
    }

    private static byte[] weights(Path run) throws IOException {
        return Files.readAllBytes(run.resolve("weights.safetensors"));
    }

    private static Map<String, float[]> tensors(Path run) throws IOException {
        Map<String, float[]> values = new TreeMap<>();
        try (Safetensors file = Safetensors.read(run.resolve("weights.safetensors"))) {
            file.tensors().forEach((name, tensor) -> values.put(name, Tensors.toFloats(tensor)));
        }
        return values;
    }

    private static List<String> epochLines(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(line -> line.replaceAll(",\"samples_per_second\":[^}]*", ""))
                .toList();
    }

    private static class Recorder implements Progress {
        final List<String> lines = new ArrayList<>();
        final List<EpochResult> results = new ArrayList<>();
        final List<String> warnings = new ArrayList<>();

        @Override
        public void warning(String message) {
            warnings.add(message);
        }

        @Override
        public void epochEnded(EpochResult result) {
            results.add(result);
            lines.add(result.line());
        }
    }
}
