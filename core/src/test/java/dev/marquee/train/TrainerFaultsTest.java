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
