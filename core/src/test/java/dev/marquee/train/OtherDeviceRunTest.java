package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.data.Dataset;
import dev.marquee.data.IdxFiles;
import dev.marquee.data.Share;
import dev.marquee.optim.LossScale;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.ScaledOptimizer;
import dev.marquee.recipe.EngineConfig;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.LazyDevice;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Trainings whose dense part is not in main memory; and scaled losses. */
@Timeout(180)
class OtherDeviceRunTest {
    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    @BeforeAll
    static void prepare() throws IOException {
        LazyDevice.get();
        IdxFiles.write(shared, 60, 20, false);
    }

    @Test
    void train_gpuThatIsNotThere_isRefusedBeforeAnythingIsReadOrWritten() {
        if (Device.named("cuda:9").orElseThrow().missing().isEmpty()) {
            return; // a machine with ten GPUs
        }
        Recipe recipe = pictures().with("engine.device", "cuda:9").with("data.path", "/nowhere");
        assertThatThrownBy(() -> Trainer.train(recipe, folder.resolve("run"), Progress.silent()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("engine.device=cuda:9 ");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void train_rankingNetworkElsewhere_givesTheRunOfMainMemory() throws IOException {
        Recipe recipe = Recipe.named("simulated_impressions_dnn")
                .with(Map.of(
                        "data.rows", 300,
                        "data.validation_rows", 100,
                        "data.test_rows", 100,
                        "data.users", 50,
                        "data.ads", 50,
                        "data.batch_size", 100,
                        "data.prepared_path", shared.resolve("prepared").toString(),
                        "train.epochs", 1,
                        "model.hidden", List.of(8)))
                .with(Map.of("optimizer.name", "sgd", "optimizer.sparse.name", "sgd", "optimizer.learning_rate", 0.1))
                .with(Map.of("engine.fused", false, "engine.replicas", 1));
        Map<String, float[]> here = trained(recipe, "here");
        Map<String, float[]> there = trained(recipe.with("engine.device", "lazy"), "there");
        assertThat(there.keySet()).isEqualTo(here.keySet());
        here.forEach(
                (name, values) -> assertThat(there.get(name)).as(name).containsExactly(values, Offset.offset(1e-5f)));
    }

    @Test
    void resume_elsewhereWithAScaledLoss_givesTheWeightsOfARunThatWasNotCutOff() throws IOException {
        Recipe scaled = pictures().with(Map.of("engine.device", "lazy", "engine.precision", "float16"));
        Trainer.train(scaled.with("train.epochs", 1), folder.resolve("cut"), Progress.silent())
                .close();
        Trainer.resume(scaled, folder.resolve("cut"), Progress.silent()).close();
        Map<String, float[]> whole = trained(scaled, "whole");
        Map<String, float[]> resumed = weights("cut");
        whole.forEach((name, values) -> assertThat(resumed.get(name)).as(name).isEqualTo(values));
        // The deferred backend multiplies in float32: a power of 2 leaves no trace.
        trained(scaled.with("engine.precision", "float32"), "plain")
                .forEach((name, values) -> assertThat(whole.get(name)).as(name).isEqualTo(values));
    }

    private Map<String, float[]> trained(Recipe recipe, String name) throws IOException {
        Trainer.train(recipe, folder.resolve(name), Progress.silent()).close();
        return weights(name);
    }

    private Map<String, float[]> weights(String name) throws IOException {
        Map<String, float[]> weights = new TreeMap<>();
        try (Safetensors file = Safetensors.read(folder.resolve(name).resolve("weights.safetensors"))) {
            file.tensors().forEach((tensor, values) -> weights.put(tensor, Tensors.toFloats(values)));
        }
        return weights;
    }

    /** The processor multiplies float16 too, though recipes do not offer it: whole steps, without a GPU. */
    @Test
    void steps_float16WithAScaledLoss_learnAndSkipWhatOverflows() {
        EngineConfig half = new EngineConfig(
                1, 1, EngineConfig.Updates.TOGETHER, 0, false, EngineConfig.Precision.FLOAT16, false, "cpu");
        Recipe recipe = pictures().with(Map.of("engine.replicas", 1, "engine.fused", false));
        try (Dataset data = recipe.data().open(1, message -> {});
                Network network = Network.create(recipe, Optional.empty());
                SharedBatch shared = new SharedBatch(
                        Workings.replicas(recipe, network, Members.alone(), Progress.silent()),
                        Task.of(recipe, Optional.empty()).objective(),
                        half);
                LossScale scale = new LossScale();
                Optimizer optimizer = new ScaledOptimizer(
                        recipe.optimizer().create(network.parameters()), network.parameters(), scale)) {
            shared.useScale(scale);
            double first = step(data, shared, optimizer, 0);
            double last = first;
            for (int step = 1; step < 15; step++) {
                last = step(data, shared, optimizer, step);
            }
            assertThat(last).isBetween(0.0, 0.9 * first);
            assertThat(scale.value()).isEqualTo(LossScale.FIRST);
            for (long i = 0; i < 2_000L * 20; i++) {
                scale.update(true); // to 2^36, which no gradient bears in float16
            }
            float[] before = Tensors.toFloats(network.parameters().flat().values());
            double large = scale.value();
            step(data, shared, optimizer, 15);
            assertThat(scale.value()).isEqualTo(large / 2);
            assertThat(Arrays.equals(
                            before, Tensors.toFloats(network.parameters().flat().values())))
                    .isTrue();
        }
    }

    private static double step(Dataset data, SharedBatch shared, Optimizer optimizer, int step) {
        try (BatchStream batches = data.training(1, 0, Share.ALL);
                Scope scope = Scope.open()) {
            Batch batch = Objects.requireNonNull(batches.next());
            double loss = shared.gradients(batch, batch.size(), 1, step, false).loss();
            optimizer.step(0.1);
            return loss;
        }
    }

    private static Recipe pictures() {
        return Recipe.DEFAULT.with(Map.of(
                "data.path",
                shared.toString(),
                "data.batch_size",
                20,
                "train.epochs",
                2,
                "model.sizes",
                List.of(784, 16, 10),
                "model.dropout",
                0.1,
                "optimizer.momentum",
                0.9));
    }
}
