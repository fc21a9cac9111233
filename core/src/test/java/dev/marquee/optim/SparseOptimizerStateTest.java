package dev.marquee.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.optim.SparseOptimizerConfig.Name;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is saved, what is clipped, and that threads change nothing. */
final class SparseOptimizerStateTest {
    @ParameterizedTest
    @EnumSource(Name.class)
    void load_savedState_goesOnBitForBit(Name name) {
        SparseOptimizerConfig config = SparseSample.config(name, 0.1);
        try (SparseSample undisturbed = new SparseSample(DType.FLOAT32);
                SparseSample resumed = new SparseSample(DType.FLOAT32);
                Optimizer first = new SparseOptimizer(undisturbed.parameters(), config);
                Optimizer second = new SparseOptimizer(resumed.parameters(), config);
                Scope scope = Scope.open()) {
            undisturbed.run(first, 1, 9, false);
            Map<String, Tensor> state = copy(first.state());
            Map<String, Tensor> weights = copy(undisturbed.parameters().state());
            undisturbed.run(first, 10, 19, false);
            resumed.run(second, 3, 5, false);
            second.load(state);
            resumed.parameters().load(weights, "the test");
            resumed.run(second, 10, 19, false);

            assertThat(resumed.values()).isEqualTo(undisturbed.values());
        }
    }

    @Test
    void state_adamWithDecay_isNamedByTableAndNeedsNoCopy() {
        try (SparseSample sample = new SparseSample(DType.FLOAT32);
                Optimizer optimizer = new SparseOptimizer(sample.parameters(), SparseSample.config(Name.ADAM, 0.1))) {
            assertThat(optimizer.state())
                    .containsOnlyKeys(
                            "step",
                            "exp_avg.user",
                            "exp_avg.ad",
                            "exp_avg_sq.user",
                            "exp_avg_sq.ad",
                            "last_used.user",
                            "last_used.ad");
            assertThat(optimizer.state().values()).allMatch(Tensor::is_contiguous);
        }
    }

    @Test
    void state_sgdWithoutDecay_isTheStepAlone() {
        try (SparseSample sample = new SparseSample(DType.FLOAT32);
                Optimizer optimizer = new SparseOptimizer(sample.parameters(), SparseSample.config(Name.SGD, 0))) {
            sample.run(optimizer, 1, 4, false);

            assertThat(optimizer.state()).containsOnlyKeys("step");
            assertThat(Tensors.toLongs(optimizer.state().get("step"))).containsExactly(4);
        }
    }

    @Test
    void load_stateOfAnotherRule_isRefusedAndChangesNeitherOptimizer() {
        OptimizerConfig config = OptimizerConfig.of(OptimizerConfig.Name.ADAM, 0.05);
        try (SparseSample sample = new SparseSample(DType.FLOAT32);
                Scope scope = Scope.open()) {
            Tensor bias = sample.parameters().root().parameter("bias", Initializer.constant(0), 1);
            bias.mutable_grad().put(Tensors.full(1, DType.FLOAT32, 1));
            try (Optimizer optimizer = config.create(sample.parameters())) {
                optimizer.step(0.05);
                Map<String, Tensor> state = new HashMap<>(copy(optimizer.state()));
                state.get("exp_avg.bias").fill_(new Scalar(7));
                state.remove("sparse.exp_avg.ad");

                assertThatThrownBy(() -> optimizer.load(state))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("the state does not fit the optimiser:\n"
                                + "  sparse.exp_avg.ad: missing; the optimiser needs [7, 3] FLOAT32");
                assertThat(Tensors.toDoubles(optimizer.state().get("exp_avg.bias")))
                        .containsExactly(new double[] {0.1}, within(1e-6));
            }
        }
    }

    @Test
    void byNorm_rowsOfTables_countWithTheirSumsAndPaddingIsLeftOut() {
        try (SparseSample sample = new SparseSample(DType.FLOAT64);
                Scope scope = Scope.open()) {
            Tensor bias = sample.parameters().root().parameter("bias", Initializer.constant(0), 1);
            double[] dense = SparseSample.dense(3, true);
            double norm = Math.sqrt(4 + Arrays.stream(dense).map(g -> g * g).sum());
            sample.backward(3, true, 2);
            bias.mutable_grad().put(Tensors.full(2, DType.FLOAT64, 1));

            assertThat(GradientClipping.byNorm(sample.parameters(), norm / 10)).isCloseTo(norm, within(1e-12));
            assertThat(GradientClipping.byNorm(sample.parameters(), norm)).isCloseTo(norm / 10, within(1e-6));
            assertThat(Tensors.toDoubles(bias.grad())).containsExactly(new double[] {0.2}, within(1e-6));
        }
    }

    @Test
    void step_clipped_takesTheScaledGradients() {
        double[] dense = SparseSample.dense(3, true);
        double norm = Math.sqrt(Arrays.stream(dense).map(g -> g * g).sum());
        try (SparseSample sample = new SparseSample(DType.FLOAT64);
                Optimizer optimizer = new ClippedOptimizer(
                        new SparseOptimizer(sample.parameters(), SparseSample.config(Name.SGD, 0)),
                        sample.parameters(),
                        norm / 4);
                Scope scope = Scope.open()) {
            sample.backward(3, true, 2);
            optimizer.step(0.5);
            double[] expected = SparseSample.start();
            Arrays.setAll(expected, i -> expected[i] - 0.5 * dense[i] / 4);

            assertThat(sample.values()).containsExactly(expected, within(1e-6));
        }
    }

    @ParameterizedTest
    @EnumSource(Name.class)
    void step_onSeveralThreads_givesTheSameBits(Name name) {
        assertThat(large(name, 3)).isEqualTo(large(name, 1));
    }

    private static double[] large(Name name, int threads) {
        int rows = 40_000;
        int count = 60_000;
        int before = Runtime.getRuntime().availableProcessors();
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            EmbeddingTable table = parameters
                    .root()
                    .tables(List.of(new EmbeddingTable.Slice("t", rows)), 4, Initializer.constant(0.5));
            Engine.useThreads(threads);
            try (Optimizer optimizer = new SparseOptimizer(parameters, SparseSample.config(name, 0.1))) {
                for (int step = 0; step < 3; step++) {
                    try (Scope scope = Scope.open()) {
                        parameters.zeroGradients();
                        Random random = new Random(step);
                        Tensor ids = Tensors.empty(DType.INT32, count, 1);
                        Tensors.bytes(ids)
                                .asIntBuffer()
                                .put(random.ints(count, 0, rows).toArray());
                        DistinctIds distinct = DistinctIds.of(List.of(new DistinctIds.Part(ids, List.of(0))));
                        float[] factors = new float[count * 4];
                        for (int i = 0; i < factors.length; i++) {
                            factors[i] = random.nextFloat() - 0.5f;
                        }
                        Tensor shown = table.embed(distinct, table.gather(distinct, Mode.TRAINING), 0);
                        shown.mul(Tensors.of(factors, Tensors.shape(shown)))
                                .sum()
                                .backward();
                        GradientClipping.byNorm(parameters, 10);
                        optimizer.step(0.05);
                    }
                }
            }
            return Tensors.toDoubles(table.weight());
        } finally {
            Engine.useThreads(before);
        }
    }

    private static Map<String, Tensor> copy(Map<String, Tensor> tensors) {
        Map<String, Tensor> copies = new HashMap<>();
        tensors.forEach((name, tensor) -> copies.put(name, tensor.detach().clone()));
        return copies;
    }
}
