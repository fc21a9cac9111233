package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.data.IdxFiles;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can go wrong around a training beside the training itself. */
class TrainerFaultsTest {
    @TempDir
    static Path data;

    @TempDir
    Path folder;

    @BeforeAll
    static void writePictures() throws IOException {
        IdxFiles.write(data, 20, 10, false);
    }

    @Test
    void resume_folderWithoutRun_isRefused() {
        assertThatThrownBy(() -> Trainer.resume(folder, Progress.silent()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("holds no run");
    }

    @Test
    void train_folderWithOtherFiles_isRefused() throws IOException {
        Files.writeString(folder.resolve("thesis.txt"), "mine");
        assertThatThrownBy(() -> Trainer.train(recipe(), folder, Progress.silent()))
                .hasMessageContaining("is not empty and holds no run");
    }

    @Test
    void train_folderUnderAFile_isRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> Trainer.train(recipe(), file.resolve("run"), Progress.silent()))
                .isInstanceOf(RuntimeException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void resume_fileOfInitialWeightsGone_goesOnFromTheCheckpoint() throws IOException {
        Path first = folder.resolve("first");
        Trainer.train(recipe(), first, Progress.silent()).close();
        Path weights = first.resolve("weights.safetensors");
        Path run = folder.resolve("run");
        Recipe from = recipe().with("model.init_from", weights.toString());
        Trainer.train(from, run, Progress.silent()).close();
        Files.delete(weights);
        int more = from.train().epochs() + 1;
        try (Run resumed = Trainer.resume(from.with("train.epochs", more), run, Progress.silent())) {
            assertThat(resumed.unfinishedAt()).isEmpty();
        }
    }

    @Test
    void train_folderOfATrainingKilledBeforeItWroteItsRecipe_isTakenOver() throws IOException {
        Path run = Files.createDirectory(folder.resolve("run"));
        Files.writeString(run.resolve("lock"), "");
        Files.writeString(run.resolve(".recipe.yaml.tmp"), "seed");
        Trainer.train(recipe(), run, Progress.silent()).close();
        assertThat(run.resolve("weights.safetensors")).exists();
        assertThat(run.resolve(".recipe.yaml.tmp")).doesNotExist();
    }

    @Test
    void train_initFromWeightsThatAreNotNumbers_isRefusedBeforeAnythingIsWritten() throws IOException {
        Path weights = folder.resolve("nan.safetensors");
        try (Scope scope = Scope.open()) {
            Safetensors.write(
                    weights,
                    Map.of(
                            "fc1.weight", Tensors.full(Double.NaN, DType.FLOAT32, 10, 784),
                            "fc1.bias", Tensors.zeros(DType.FLOAT32, 10)),
                    Map.of());
        }
        Path run = folder.resolve("run");
        assertThatThrownBy(() ->
                        Trainer.train(recipe().with("model.init_from", weights.toString()), run, Progress.silent()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the loss is NaN before the first step: the weights in " + weights
                        + " are not all finite, or far too large");
        assertThat(run).doesNotExist();
    }

    @Test
    void resume_folderOfCheckpointsGone_startsFromTheBeginningAndSaysSo() throws IOException {
        Path run = folder.resolve("run");
        Trainer.train(recipe(), run, Progress.silent()).close();
        try (var checkpoints = Files.list(run.resolve("checkpoints"))) {
            for (Path checkpoint : checkpoints.toList()) {
                Files.delete(checkpoint);
            }
        }
        Files.delete(run.resolve("checkpoints"));
        List<String> warnings = new ArrayList<>();
        Progress progress = new Progress() {
            @Override
            public void warning(String message) {
                warnings.add(message);
            }
        };
        Trainer.resume(run, progress).close();
        assertThat(warnings).singleElement().asString().contains("starting from the beginning");
        assertThat(run.resolve("weights.safetensors")).exists();
    }

    private static Recipe recipe() {
        return Recipe.DEFAULT
                .with("data.path", data.toString())
                .with("model.sizes", List.of(784, 10))
                .with("train.epochs", 1)
                .with("engine.threads", 1);
    }
}
