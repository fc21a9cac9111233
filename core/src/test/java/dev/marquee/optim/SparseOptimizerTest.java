package dev.marquee.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.nn.Parameters;
import dev.marquee.optim.SparseOptimizerConfig.Name;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class SparseOptimizerTest {
    private static final double RATE = 0.05;
    private static final int STEPS = 30;

    @ParameterizedTest
    @CsvSource({"SGD,FLOAT64,1e-13", "SGD,FLOAT32,1e-6", "ADAGRAD,FLOAT64,1e-13", "ADAGRAD,FLOAT32,1e-6"})
    void step_someRows_equalsTheDenseOptimizer(Name name, DType type, double tolerance) {
        compareWithDense(name, type, tolerance, false);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT64,1e-13", "FLOAT32,2e-6"})
    void step_adamWhereEveryRowIsUsed_equalsTheDenseOptimizer(DType type, double tolerance) {
        compareWithDense(Name.ADAM, type, tolerance, true);
    }

    @Test
    void step_lazyAdam_leavesRowsWithoutGradientAndTheirMomentsAlone() {
        try (SparseSample sample = new SparseSample(DType.FLOAT64);
                Optimizer optimizer = new SparseOptimizer(sample.parameters(), SparseSample.config(Name.ADAM, 0))) {
            double[] expected = SparseSample.start();
            double[] first = new double[expected.length];
            double[] second = new double[expected.length];
            for (int step = 1; step <= STEPS; step++) {
                double[] gradient = SparseSample.dense(step, false);
                for (int i = 0; i < expected.length; i++) {
                    if (gradient[i] != 0) {
                        first[i] = 0.9 * first[i] + 0.1 * gradient[i];
                        second[i] = 0.999 * second[i] + 0.001 * gradient[i] * gradient[i];
                        double mean = first[i] / (1 - Math.pow(0.9, step));
                        double variance = second[i] / (1 - Math.pow(0.999, step));
                        expected[i] -= RATE * mean / (Math.sqrt(variance) + 1e-8);
                    }
                }
            }
            sample.run(optimizer, 1, STEPS, false);

            assertThat(sample.values()).containsExactly(expected, within(1e-12));
        }
    }

    @Test
    void step_rowwiseAdagrad_dividesByTheRootOfTheMeanSquaresOfTheRow() {
        try (SparseSample sample = new SparseSample(DType.FLOAT64);
                Optimizer optimizer =
                        new SparseOptimizer(sample.parameters(), SparseSample.config(Name.ROWWISE_ADAGRAD, 0))) {
            double[] expected = SparseSample.start();
            double[] sums = new double[SparseSample.ROWS];
            for (int step = 1; step <= STEPS; step++) {
                double[] gradient = SparseSample.dense(step, false);
                for (int i = 0; i < expected.length; i++) {
                    sums[i / SparseSample.WIDTH] += gradient[i] * gradient[i] / SparseSample.WIDTH;
                }
                for (int i = 0; i < expected.length; i++) {
                    expected[i] -= RATE * gradient[i] / (Math.sqrt(sums[i / SparseSample.WIDTH]) + 1e-8);
                }
            }
            sample.run(optimizer, 1, STEPS, false);

            assertThat(sample.values()).containsExactly(expected, within(1e-12));
            assertThat(Tensors.shape(optimizer.state().get("sum.user"))).containsExactly(5);
        }
    }

    @Test
    void step_decayOfMissedSteps_equalsADecayAtEveryStep() {
        double decay = 0.3;
        try (SparseSample sample = new SparseSample(DType.FLOAT64);
                Optimizer optimizer = new SparseOptimizer(sample.parameters(), SparseSample.config(Name.SGD, decay))) {
            double[] expected = SparseSample.start();
            for (int step = 1; step <= STEPS; step++) {
                double[] gradient = SparseSample.dense(step, step == STEPS);
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = expected[i] * (1 - RATE * decay) - RATE * gradient[i];
                }
            }
            sample.run(optimizer, 1, STEPS - 1, false);
            sample.run(optimizer, STEPS, STEPS, true); // every row is used, so every decay is made up for

            assertThat(sample.values()).containsExactly(expected, within(1e-13));
            assertThat(Tensors.toLongs(optimizer.state().get("last_used.user"))).containsExactly(0, 30, 30, 30, 30);
        }
    }

    @ParameterizedTest
    @EnumSource(Name.class)
    void step_paddingOfEachTable_neverLearns(Name name) {
        try (SparseSample sample = new SparseSample(DType.FLOAT32);
                Optimizer optimizer = new SparseOptimizer(sample.parameters(), SparseSample.config(name, 0.1))) {
            sample.run(optimizer, 1, STEPS, true);

            for (Tensor rows : sample.parameters().state().values()) {
                assertThat(Tensors.toDoubles(rows.select(0, 0))).containsOnly(0);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Name.class)
    void step_afterTwoForwardPasses_equalsOnePassOfBoth(Name name) {
        try (SparseSample one = new SparseSample(DType.FLOAT64);
                SparseSample two = new SparseSample(DType.FLOAT64);
                Optimizer first = new SparseOptimizer(one.parameters(), SparseSample.config(name, 0.1));
                Optimizer second = new SparseOptimizer(two.parameters(), SparseSample.config(name, 0.1))) {
            for (int step = 1; step <= STEPS; step++) {
                try (Scope scope = Scope.open()) {
                    one.backward(step, false, 1);
                    first.step(RATE);
                    two.backward(step, false, 2);
                    second.step(RATE);
                }
            }
            assertThat(two.values()).containsExactly(one.values(), within(1e-13));
        }
    }

    @Test
    void step_rateTimesDecayNotBelowOne_isRefused() {
        try (SparseSample sample = new SparseSample(DType.FLOAT32);
                Optimizer optimizer = new SparseOptimizer(sample.parameters(), SparseSample.config(Name.SGD, 0.5))) {
            assertThatThrownBy(() -> optimizer.step(2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the learning rate 2.0 times the weight decay 0.5 of embedding rows is not below 1:"
                            + " lower optimizer.sparse.weight_decay");
        }
    }

    private static void compareWithDense(Name name, DType type, double tolerance, boolean all) {
        try (SparseSample sample = new SparseSample(type);
                Optimizer sparse = new SparseOptimizer(sample.parameters(), SparseSample.config(name, 0));
                Parameters parameters = Parameters.create(type);
                Optimizer dense = dense(name, parameters)) {
            Tensor weight = parameters.trainable().get("weight");
            for (int step = 1; step <= STEPS; step++) {
                try (Scope scope = Scope.open()) {
                    weight.mutable_grad()
                            .put(Tensors.of(SparseSample.dense(step, all), SparseSample.ROWS, SparseSample.WIDTH)
                                    .to(type.scalarType()));
                    dense.step(RATE);
                }
            }
            sample.run(sparse, 1, STEPS, all);

            double[] expected = Tensors.toDoubles(weight);
            assertThat(expected).isNotEqualTo(SparseSample.start());
            assertThat(Arrays.stream(sample.values()).toArray()).containsExactly(expected, within(tolerance));
        }
    }

    private static Optimizer dense(Name name, Parameters parameters) {
        parameters
                .root()
                .parameter(
                        "weight",
                        tensor -> tensor.copy_(Tensors.of(SparseSample.start(), SparseSample.ROWS, SparseSample.WIDTH)),
                        SparseSample.ROWS,
                        SparseSample.WIDTH);
        return switch (name) {
            case SGD -> new Sgd(parameters, 0, 0, false, 0);
            case ADAM -> new Adam(parameters, 0.9, 0.999, 1e-8, 0);
            case ADAGRAD -> new Adagrad(parameters, 1e-8, 0);
            case ROWWISE_ADAGRAD -> throw new IllegalArgumentException("there is no dense " + name);
        };
    }
}
