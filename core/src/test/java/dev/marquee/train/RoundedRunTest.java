package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings on tables whose rows are kept in fewer bits. */
@Timeout(120)
class RoundedRunTest {
    @TempDir
    static Path prepared;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"float16", "int8"})
    void resume_stoppedRunWithReplicas_endsWithTheWeightsOfAnUndisturbedRun(String storage) throws IOException {
        Recipe recipe = recipe().with("model.embedding.storage", storage).with("engine.replicas", 2);
        Trainer.train(recipe, folder.resolve("whole"), Progress.silent()).close();
        Path cut = folder.resolve("cut");
        try (Run stopped = Trainer.train(recipe, cut, new StopAfter(5))) {
            assertThat(stopped.unfinishedAt()).hasValue(5);
        }
        try (Run resumed = Trainer.resume(cut, Progress.silent());
                Run whole = Run.open(folder.resolve("whole"))) {
            assertThat(resumed.metrics()).isEqualTo(whole.metrics());
        }
        assertThat(Files.readAllBytes(cut.resolve("weights.safetensors")))
                .isEqualTo(Files.readAllBytes(folder.resolve("whole/weights.safetensors")));
    }

    @Test
    void train_int8_keepsBytesAndLearnsAlmostWhatFloat32Learns() throws IOException {
        double expected;
        try (Run run = Trainer.train(recipe(), folder.resolve("single"), Progress.silent())) {
            expected = run.metrics().get("loss");
        }
        Path path = folder.resolve("bytes");
        try (Run run = Trainer.train(recipe().with("model.embedding.storage", "int8"), path, Progress.silent())) {
            assertThat(run.metrics().get("loss")).isCloseTo(expected, Offset.offset(0.005));
        }
        try (Safetensors weights = Safetensors.read(path.resolve("weights.safetensors"))) {
            assertThat(DType.of(weights.tensors().get("embedding.user_id"))).isEqualTo(DType.INT8);
            assertThat(Tensors.toFloats(weights.tensors().get("embedding_scale.user_id")))
                    .contains(0)
                    .satisfies(scales -> assertThat(scales[scales.length - 1]).isPositive());
        }
        try (Run run = Run.open(path)) {
            double again = run.evaluate(EvaluationOptions.DEFAULT, notice -> {})
                    .metrics()
                    .get("log_loss");
            // Not the same bits: threads may share other products than in training's own evaluation.
            assertThat(again).isCloseTo(run.metrics().get("log_loss"), Offset.offset(1e-6));
        }
    }

    private static Recipe recipe() {
        return Recipe.named("simulated_impressions_din")
                .with("data.rows", 700)
                .with("data.validation_rows", 300)
                .with("data.test_rows", 300)
                .with("data.users", 100)
                .with("data.ads", 100)
                .with("data.batch_size", 100)
                .with("data.prepared_path", prepared.toString())
                .with("train.epochs", 1);
    }
}
