package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.collective.ThreadGroups;
import dev.marquee.data.Dataset;
import dev.marquee.parallel.Traffic;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class TrialTest {
    private static final int STEPS = 14; // two epochs of seven batches

    @TempDir
    static Path prepared;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void steps_asManyAsTwoEpochsHave_giveTheWeightsOfTheTrainerBitForBit(int replicas) throws IOException {
        Recipe recipe = recipe("simulated_impressions_din").with("engine.replicas", replicas);
        Map<String, float[]> expected = new TreeMap<>();
        double loss;
        try (Run run = Trainer.train(recipe.with("checkpoint.select", "last"), folder, Progress.silent());
                Safetensors file = Safetensors.read(folder.resolve("weights.safetensors"))) {
            file.tensors().forEach((name, tensor) -> expected.put(name, Tensors.toFloats(tensor)));
            loss = run.metrics().get("loss");
        }
        assertThat(loss).isPositive();
        try (Dataset data = open(recipe);
                Trial trial = Trial.open(recipe, data, OptionalLong.empty())) {
            trial.steps(5);
            Trial.Steps steps = trial.steps(STEPS - 5);
            assertThat(trial.samples()).isEqualTo(2 * 700);
            assertThat(steps.seconds()).isGreaterThanOrEqualTo(steps.waiting());
            weights(trial).forEach((name, values) -> assertThat(values).as(name).isEqualTo(expected.get(name)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void steps_ofReplicasThatDoNotWait_seeEveryBatchOnce(int replicas) {
        Recipe recipe = recipe("simulated_impressions_dnn")
                .with("optimizer.name", "sgd")
                .with(Map.of("optimizer.sparse.name", "adagrad", "engine.replicas", replicas));
        Recipe apart = recipe.with("engine.replica_updates", "asynchronous");
        try (Dataset data = open(recipe);
                Trial together = Trial.open(recipe, data, OptionalLong.empty());
                Trial trial = Trial.open(apart, data, OptionalLong.empty())) {
            trial.steps(5);
            double loss = trial.steps(STEPS - 5).loss();
            together.steps(5);
            assertThat(loss).isCloseTo(together.steps(STEPS - 5).loss(), Offset.offset(replicas == 1 ? 1e-12 : 0.05));
            assertThat(trial.samples()).isEqualTo(2 * 700);
        }
    }

    @Test
    void steps_ofTwoMembers_learnWhatOneLearnsAndCountWhatTheyExchange() {
        Recipe recipe = recipe("simulated_impressions_din").with(Map.of("engine.replicas", 1, "engine.threads", 1));
        try (Dataset data = open(recipe)) {
            Map<String, float[]> alone = alone(recipe, data);
            List<Traffic> traffic = ThreadGroups.run(2, member -> {
                try (Dataset own = open(recipe);
                        Trial trial = Trial.open(recipe, own, OptionalLong.empty(), member)) {
                    assertThat(trial.steps(STEPS).samples()).isEqualTo(2 * 700);
                    weights(trial)
                            .forEach((name, values) ->
                                    assertThat(values).as(name).containsExactly(alone.get(name), Offset.offset(1e-5f)));
                    return trial.traffic();
                }
            });
            assertThat(traffic).allSatisfy(member -> {
                assertThat(member.steps()).isEqualTo(STEPS);
                assertThat(member.bytes()).isPositive();
            });
        }
    }

    @Test
    void steps_ofTrialsThatTakeTurns_areThoseOfEachAlone() {
        Recipe plain = recipe("simulated_impressions_din").with(Map.of("engine.replicas", 1, "engine.threads", 1));
        Recipe replicas = recipe("simulated_impressions_din").with(Map.of("engine.replicas", 2, "engine.threads", 2));
        Recipe threads = recipe("simulated_impressions_din").with(Map.of("engine.replicas", 1, "engine.threads", 2));
        try (Dataset data = open(plain)) {
            Map<String, float[]> alone = alone(plain, data);
            Map<String, float[]> aloneReplicas = alone(replicas, data);
            try (Trial first = Trial.open(plain, data, OptionalLong.empty());
                    Trial second = Trial.open(replicas, data, OptionalLong.empty());
                    Trial third = Trial.open(threads, data, OptionalLong.empty())) {
                for (int i = 0; i < STEPS; i++) {
                    first.steps(1);
                    second.steps(1);
                    third.steps(1);
                }
                assertThat(second.replicas()).isEqualTo(2);
                assertThat(first.replicas()).isEqualTo(1);
                weights(first)
                        .forEach((name, values) -> assertThat(values).as(name).isEqualTo(alone.get(name)));
                weights(second)
                        .forEach((name, values) -> assertThat(values).as(name).isEqualTo(aloneReplicas.get(name)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"simulated_impressions_din", "simulated_impressions_mmoe", "fashion_mnist_perceptron"})
    void evaluate_validationSamples_givesLossesWhoseMeanIsThatOfTheTrainer(String name) {
        Recipe recipe = name.startsWith("fashion")
                ? Recipe.named(name).with(Map.of("data.validation_fraction", 0.05, "data.download", false))
                : recipe(name);
        try (Dataset data = open(recipe);
                Trial trial = Trial.open(recipe, data, OptionalLong.empty())) {
            trial.steps(3);
            RowLosses all = trial.evaluate(100_000);
            RowLosses some = trial.evaluate(123);
            assertThat(some.losses())
                    .containsExactly(Arrays.copyOf(all.losses(), 123), Offset.offset(1e-5)); // rounding
            assertThat(all.mean()).isPositive();
            if (all.metrics().containsKey("log_loss")) {
                assertThat(all.mean()).isCloseTo(all.metrics().get("log_loss"), Offset.offset(1e-5));
            }
            assertThat(all.metrics().keySet())
                    .anyMatch(metric -> metric.endsWith("accuracy") || metric.endsWith("auc"));
        }
    }

    @Test
    void work_perceptron_isThatOfItsProductsAndOfItsUpdate() {
        Recipe recipe = Recipe.named("fashion_mnist_perceptron")
                .with(Map.of("data.download", false, "data.batch_size", 16, "engine.threads", 1));
        try (Dataset data = open(recipe);
                Trial trial = Trial.open(recipe, data, OptionalLong.empty())) {
            trial.steps(1);
            StepWork work = trial.work();
            // 2 · (784·512 + 512·128 + 128·10) forward, thrice, but for the gradient of the pictures.
            assertThat(work.flop()).isCloseTo(2_006_528, Offset.offset(1e-3));
            // The update reads weights and gradients, and writes weights; between layers lie some numbers that are
            // none.
            assertThat(16 * work.bytes()).isCloseTo(3.0 * 4 * trial.denseParameters(), Offset.offset(1000.0));
            assertThat(trial.samples()).isEqualTo(32);
            assertThat(trial.steps(1).samples()).isEqualTo(16);
        }
    }

    @Test
    void stateBytes_rowwiseAdagrad_areFewerThanAdams() {
        Recipe adam = recipe("simulated_impressions_din");
        Recipe rowwise = adam.with("optimizer.sparse.name", "rowwise_adagrad");
        try (Dataset data = open(adam);
                Trial first = Trial.open(adam, data, OptionalLong.empty());
                Trial second = Trial.open(rowwise, data, OptionalLong.empty())) {
            first.steps(1);
            second.steps(1);
            assertThat(second.stateBytes()).isLessThan(first.stateBytes());
            assertThat(first.denseParameters()).isPositive();
            assertThat(first.embeddingParameters()).isPositive();
            assertThat(first.samplesApart()).isTrue();
        }
    }

    @Test
    void open_replicasOfANetworkWithBatchNormInPieces_isRefused() {
        Recipe recipe = recipe("simulated_impressions_dnn")
                .with(Map.of("model.norm", "batch", "engine.replicas", 2, "engine.micro_batch", 10));
        try (Dataset data = open(recipe)) {
            assertThatThrownBy(() -> Trial.open(recipe, data, OptionalLong.empty()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("batch norm");
        }
    }

    @Test
    void steps_rateThatIsFarTooLarge_saysThatItDiverged() {
        Recipe recipe = recipe("simulated_impressions_dnn")
                .with(Map.of("optimizer.name", "sgd", "optimizer.learning_rate", 1e30));
        try (Dataset data = open(recipe);
                Trial trial = Trial.open(recipe, data, OptionalLong.empty())) {
            assertThatThrownBy(() -> trial.steps(STEPS))
                    .isInstanceOf(DivergedException.class)
                    .hasMessageStartingWith("the loss is ");
        }
    }

    @Test
    void steps_closedTrialOrNoSteps_areRefused() {
        Recipe recipe = recipe("simulated_impressions_dnn");
        try (Dataset data = open(recipe)) {
            Trial trial = Trial.open(recipe, data, OptionalLong.of(500));
            assertThatThrownBy(() -> trial.steps(0)).hasMessage("a trial makes at least 1 step, not 0");
            trial.close();
            trial.close();
            assertThatThrownBy(() -> trial.steps(1)).hasMessage("the trial is closed");
        }
    }

    private static Map<String, float[]> alone(Recipe recipe, Dataset data) {
        try (Trial trial = Trial.open(recipe, data, OptionalLong.empty())) {
            trial.steps(STEPS);
            return weights(trial);
        }
    }

    private static Map<String, float[]> weights(Trial trial) {
        Map<String, float[]> weights = new TreeMap<>();
        try (Scope scope = Scope.open()) {
            trial.weights().forEach((name, tensor) -> weights.put(name, Tensors.toFloats(tensor)));
        }
        return weights;
    }

    private static Dataset open(Recipe recipe) {
        return recipe.data().open(recipe.seed(), notice -> {});
    }

    private static Recipe recipe(String name) {
        return Recipe.named(name)
                .with(Map.of(
                        "data.rows", 700,
                        "data.validation_rows", 300,
                        "data.test_rows", 300,
                        "data.users", 100,
                        "data.ads", 100,
                        "data.batch_size", 100,
                        "data.prepared_path", prepared.toString(),
                        "train.epochs", 2,
                        "train.calibration", "none"));
    }
}
