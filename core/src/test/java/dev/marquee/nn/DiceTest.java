package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class DiceTest {
    private static final double[] S = {1, -2, 3, 0.5, -4, 2, 7, -1};
    private static final double[] ALPHA = {0.3, -0.2};

    @Test
    void forward_evaluation_bendsAtTheRunningMean() {
        try (Scope scope = Scope.open();
                Parameters parameters = parameters()) {
            Dice dice = Dice.create(parameters.root(), 2);
            load(parameters, new double[] {0.5, -1}, new double[] {4, 0.25});
            Tensor output = dice.forward(Tensors.of(S, 4, 2), null, Mode.EVALUATION);
            assertThat(Tensors.toDoubles(output))
                    .containsExactly(formula(S, new double[] {0.5, -1}, new double[] {4, 0.25}), within(1e-12));
        }
    }

    @Test
    void forward_training_bendsAtTheBatchMeanAndMovesTheRunningOnes() {
        try (Scope scope = Scope.open();
                Parameters parameters = parameters()) {
            Dice dice = Dice.create(parameters.root(), 2);
            load(parameters, new double[] {0, 0}, new double[] {1, 1});
            Tensor output = dice.forward(Tensors.of(S, 4, 2), null, Mode.TRAINING);
            // 1, 3, -4, 7 and -2, 0.5, 2, -1.
            double[] mean = {1.75, -0.125};
            double[] variance = {75 / 4.0 - 1.75 * 1.75, 9.25 / 4 - 0.125 * 0.125};
            assertThat(Tensors.toDoubles(output)).containsExactly(formula(S, mean, variance), within(1e-12));
            assertThat(buffer(parameters, "running_mean"))
                    .containsExactly(new double[] {0.175, -0.0125}, within(1e-12));
            assertThat(buffer(parameters, "running_var"))
                    .containsExactly(
                            new double[] {0.9 + variance[0] * 4 / 30, 0.9 + variance[1] * 4 / 30}, within(1e-12));
        }
    }

    @Test
    void forward_paddingInTraining_countsForNothing() {
        try (Scope scope = Scope.open();
                Parameters parameters = parameters()) {
            Dice plain = Dice.create(parameters.root().child("plain"), 2);
            Dice padded = Dice.create(parameters.root().child("padded"), 2);
            double[] expected = Tensors.toDoubles(plain.forward(Tensors.of(S, 4, 2), null, Mode.TRAINING));
            Tensor input = Tensors.of(new double[] {1, -2, 3, 0.5, 99, 98, -4, 2, 7, -1, 97, 96}, 2, 3, 2);
            Tensor padding = Tensors.of(new boolean[] {false, false, true, false, false, true}, 2, 3);
            Tensor output = padded.forward(input, padding, Mode.TRAINING);
            assertThat(Tensors.toDoubles(output.narrow(1, 0, 2))).containsExactly(expected, within(1e-12));
            assertThat(buffer(parameters, "padded.running_mean"))
                    .containsExactly(buffer(parameters, "plain.running_mean"), within(1e-12));
            assertThat(buffer(parameters, "padded.running_var"))
                    .containsExactly(buffer(parameters, "plain.running_var"), within(1e-12));
        }
    }

    @Test
    void forward_oneValueOrNoneInTraining_usesTheRunningStatisticsAndLeavesThem() {
        try (Scope scope = Scope.open();
                Parameters parameters = parameters()) {
            Dice dice = Dice.create(parameters.root(), 2);
            load(parameters, new double[] {0.5, -1}, new double[] {4, 0.25});
            Tensor one = Tensors.of(new double[] {1, -2}, 1, 2);
            double[] expected = formula(new double[] {1, -2}, new double[] {0.5, -1}, new double[] {4, 0.25});
            Tensor all = Tensors.of(new boolean[] {true}, 1);
            assertThat(Tensors.toDoubles(dice.forward(one, null, Mode.TRAINING)))
                    .containsExactly(expected, within(1e-12));
            assertThat(Tensors.toDoubles(dice.forward(one, all, Mode.TRAINING)))
                    .containsExactly(expected, within(1e-12));
            assertThat(buffer(parameters, "running_mean")).containsExactly(0.5, -1);
            assertThat(buffer(parameters, "running_var")).containsExactly(4, 0.25);
        }
    }

    @Test
    void gradients_throughTheStatistics_agreeWithFiniteDifferences() {
        try (Scope scope = Scope.open();
                Parameters parameters = parameters()) {
            Tensor values = parameters.root().parameter("values", tensor -> tensor.copy_(Tensors.of(S, 4, 2)), 4, 2);
            Dice plain = Dice.create(parameters.root().child("plain"), 2);
            Dice padded = Dice.create(parameters.root().child("padded"), 2);
            Tensor padding = Tensors.of(new boolean[] {false, true, false, false}, 4);
            FiniteDifferences.check(
                    parameters,
                    () -> plain.forward(values, null, Mode.TRAINING)
                            .add(padded.forward(values, padding, Mode.TRAINING)));
        }
    }

    @Test
    void create_orForward_wrongSize_isRefused() {
        try (Scope scope = Scope.open();
                Parameters parameters = parameters()) {
            assertThatThrownBy(() -> Dice.create(parameters.root(), 0)).hasMessage("Dice needs a positive size, not 0");
            Dice dice = Dice.create(parameters.root(), 2);
            assertThatThrownBy(() -> dice.forward(Tensors.zeros(DType.FLOAT64, 1, 3), null, Mode.EVALUATION))
                    .hasMessage("Dice's input must be [..., 2], not [1, 3] FLOAT64");
        }
    }

    private static double[] formula(double[] s, double[] mean, double[] variance) {
        double[] f = new double[s.length];
        for (int i = 0; i < f.length; i++) {
            int unit = i % 2;
            double p = 1 / (1 + Math.exp(-(s[i] - mean[unit]) / Math.sqrt(variance[unit] + 1e-8)));
            f[i] = p * s[i] + (1 - p) * ALPHA[unit] * s[i];
        }
        return f;
    }

    private static Parameters parameters() {
        return Parameters.create(DType.FLOAT64);
    }

    private static void load(Parameters parameters, double[] mean, double[] variance) {
        parameters.load(
                Map.of(
                        "alpha", Tensors.of(ALPHA),
                        "running_mean", Tensors.of(mean),
                        "running_var", Tensors.of(variance)),
                "the test");
    }

    private static double[] buffer(Parameters parameters, String name) {
        return Tensors.toDoubles(parameters.buffers().get(name));
    }
}
