package dev.marquee.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.nn.Initializer;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GradientClippingTest {
    private final Parameters parameters = Parameters.create(DType.FLOAT64);
    private final Tensor a = parameters.root().parameter("a", Initializer.constant(0), 2);
    private final Tensor b = parameters.root().parameter("b", Initializer.constant(0), 1);

    @AfterEach
    void close() {
        parameters.close();
    }

    @Test
    void byNorm_aboveTheLimit_scalesAllGradientsAlikeAndReturnsTheNormBefore() {
        gradient(a, 3, 4);
        gradient(b, 12);
        assertThat(GradientClipping.byNorm(parameters, 6.5)).isCloseTo(13, within(1e-12));
        assertThat(Tensors.toDoubles(a.grad())).containsExactly(new double[] {1.5, 2}, within(1e-6));
        assertThat(Tensors.toDoubles(b.grad())).containsExactly(new double[] {6}, within(1e-6));
    }

    @Test
    void byNorm_belowTheLimit_leavesTheGradientsAlone() {
        gradient(a, 3, 4);
        assertThat(GradientClipping.byNorm(parameters, 6)).isEqualTo(5);
        assertThat(Tensors.toDoubles(a.grad())).containsExactly(3, 4);
    }

    @Test
    void byNorm_noGradients_isZero() {
        assertThat(GradientClipping.byNorm(parameters, 1)).isZero();
    }

    @Test
    void byNorm_gradientNotANumber_staysVisible() {
        gradient(a, Double.NaN, 4);
        gradient(b, 1);
        assertThat(GradientClipping.byNorm(parameters, 1)).isNaN();
        assertThat(Tensors.toDoubles(b.grad())).containsExactly(Double.NaN);
    }

    @Test
    void byNorm_limitNotPositive_isRefused() {
        assertThatThrownBy(() -> GradientClipping.byNorm(parameters, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the largest norm must be a finite number above 0.0, not 0.0");
    }

    private static void gradient(Tensor parameter, double... values) {
        try (Scope scope = Scope.open()) {
            parameter.mutable_grad().put(Tensors.of(values));
        }
    }
}
