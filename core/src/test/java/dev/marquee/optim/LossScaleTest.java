package dev.marquee.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class LossScaleTest {
    @Test
    void update_afterTwoThousandGoodStepsInARow_doubles() {
        try (LossScale scale = new LossScale()) {
            assertThat(scale.value()).isEqualTo(65_536);
            good(scale, 1_999);
            assertThat(scale.value()).isEqualTo(65_536);
            good(scale, 1);
            assertThat(scale.value()).isEqualTo(131_072);
            good(scale, 2_000);
            assertThat(scale.value()).isEqualTo(262_144);
        }
    }

    @Test
    void update_afterABadStep_halvesAndCountsFromTheStart() {
        try (LossScale scale = new LossScale()) {
            good(scale, 1_999);
            scale.update(false);
            assertThat(scale.value()).isEqualTo(32_768);
            scale.update(false);
            assertThat(scale.value()).isEqualTo(16_384);
            good(scale, 1_999);
            assertThat(scale.value()).isEqualTo(16_384);
            good(scale, 1);
            assertThat(scale.value()).isEqualTo(32_768);
        }
    }

    @Test
    void update_atTheEndOfFloat32_growsNoMore() {
        try (LossScale scale = new LossScale()) {
            good(scale, 150 * 2_000);
            assertThat(scale.value()).isEqualTo(Math.pow(2, 127));
        }
    }

    @Test
    void step_finiteGradients_isTheStepOfTheLossThatWasNotScaled() {
        assertThat(steps(65_536)).isEqualTo(steps(1));
    }

    /** Some steps by gradients times a number, which stands for the scale; 1: without a scaler. */
    private static double[] steps(double times) {
        try (TestParameters plain = new TestParameters(DType.FLOAT32);
                Optimizer optimizer = clipped(plain, times > 1)) {
            for (int step = 1; step <= 5; step++) {
                try (Scope scope = Scope.open()) {
                    plain.setGradients(step);
                    scale(plain, times);
                    optimizer.step(0.01);
                }
            }
            return plain.values();
        }
    }

    @Test
    void step_aGradientNotFinite_changesNothingButTheScale() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            try (TestParameters parameters = new TestParameters(DType.FLOAT32);
                    Optimizer optimizer = clipped(parameters, true)) {
                Map<String, double[]> before = copy(optimizer);
                double[] values = parameters.values();
                try (Scope scope = Scope.open()) {
                    parameters.setGradients(1);
                    Tensor last =
                            parameters.parameters().trainable().get("fc1.bias").mutable_grad();
                    last.select(0, 6).fill_(new Scalar(bad));
                    optimizer.step(0.01);
                }
                assertThat(parameters.values()).isEqualTo(values);
                Map<String, double[]> after = copy(optimizer);
                assertThat(after.remove("loss_scale")).containsExactly(32_768, 0);
                assertThat(before.remove("loss_scale")).containsExactly(65_536, 0);
                after.forEach((name, state) -> assertThat(state).as(name).isEqualTo(before.get(name)));
            }
        }
    }

    @Test
    void load_whatStateGave_goesOnWithTheSameScale() {
        try (TestParameters parameters = new TestParameters(DType.FLOAT32);
                Optimizer one = clipped(parameters, true);
                Optimizer two = clipped(parameters, true);
                Scope scope = Scope.open()) {
            one.state().get("loss_scale").copy_(Tensors.of(new double[] {1024, 7}));
            two.load(one.state());
            assertThat(copy(two).get("loss_scale")).containsExactly(1024, 7);
            Map<String, Tensor> without = new LinkedHashMap<>(one.state());
            without.remove("loss_scale");
            assertThatThrownBy(() -> two.load(without))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("loss_scale: missing");
        }
    }

    private static Optimizer clipped(TestParameters parameters, boolean scaled) {
        Optimizer clipped = new ClippedOptimizer(
                new Adam(parameters.parameters(), 0.9, 0.999, 1e-8, 0), parameters.parameters(), 0.5);
        return scaled ? new ScaledOptimizer(clipped, parameters.parameters(), new LossScale()) : clipped;
    }

    private static void scale(TestParameters parameters, double times) {
        for (Tensor parameter : parameters.parameters().trainable().values()) {
            Tensor gradient = parameter.mutable_grad();
            if (gradient.defined()) {
                gradient.mul_(new Scalar(times));
            }
        }
    }

    private static Map<String, double[]> copy(Optimizer optimizer) {
        Map<String, double[]> copy = new LinkedHashMap<>();
        optimizer.state().forEach((name, tensor) -> copy.put(name, Tensors.toDoubles(tensor)));
        return copy;
    }

    private static void good(LossScale scale, int steps) {
        for (int i = 0; i < steps; i++) {
            scale.update(true);
        }
    }
}
