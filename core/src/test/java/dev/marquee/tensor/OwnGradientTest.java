package dev.marquee.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class OwnGradientTest {
    @Test
    void join_inputsAndOutputsInAGraph_passesGradientsThroughTheFormula() {
        try (Scope scope = Scope.open()) {
            Tensor x = Tensors.of(new double[] {1, 2, 3}).set_requires_grad(true);
            Tensor doubled = x.mul(new Scalar(2));
            Tensor y = outside(() -> doubled.square());
            OwnGradient.join(
                    List.of(y), List.of(doubled), given -> List.of(given.get(0).mul(doubled.mul(new Scalar(2)))));
            y.mul(Tensors.of(new double[] {1, 10, 100}))
                    .sum()
                    .add(doubled.sum())
                    .backward();
            // d/dx of (2x)² w + 2x
            assertThat(Tensors.toDoubles(x.grad())).containsExactly(8 + 2, 160 + 2, 2400 + 2);
            assertThat(Tensors.toDoubles(y)).containsExactly(4, 16, 36);
        }
    }

    @Test
    void join_oneOutputUnused_hasNoGradientForTheFormula() {
        try (Scope scope = Scope.open()) {
            Tensor x = Tensors.of(new double[] {1, 2}).set_requires_grad(true);
            Tensor used = outside(() -> x.mul(new Scalar(3)));
            Tensor unused = outside(() -> x.mul(new Scalar(5)));
            OwnGradient.join(List.of(used, unused), List.of(x), given -> {
                assertThat(given.get(1)).isNull();
                return List.of(given.get(0).mul(new Scalar(3)));
            });
            used.sum().backward();
            assertThat(Tensors.toDoubles(x.grad())).containsExactly(3, 3);
        }
    }

    @Test
    void join_infiniteInput_leavesTheOutputAsItIs() {
        try (Scope scope = Scope.open()) {
            Tensor x = Tensors.of(new double[] {Double.POSITIVE_INFINITY, Double.NaN})
                    .set_requires_grad(true);
            Tensor y = Tensors.of(new double[] {7});
            OwnGradient.join(List.of(y), List.of(x), given -> List.of(x.detach()));
            assertThat(Tensors.toDoubles(y)).containsExactly(7);
            assertThat(y.requires_grad()).isTrue();
        }
    }

    @Test
    void join_noInputRequiresAGradient_staysOutsideTheGraph() {
        try (Scope scope = Scope.open()) {
            Tensor y = Tensors.of(new double[] {7});
            OwnGradient.join(List.of(y), List.of(Tensors.of(new double[] {1})), given -> List.of());
            assertThat(y.requires_grad()).isFalse();
        }
    }

    @Test
    void backward_formulaWithoutARequiredGradient_saysWhichIsMissing() {
        try (Scope scope = Scope.open()) {
            Tensor x = Tensors.of(new double[] {1}).set_requires_grad(true);
            Tensor y = Tensors.of(new double[] {7});
            OwnGradient.join(List.of(y), List.of(x), given -> Arrays.asList((Tensor) null));
            assertThatThrownBy(y::backward).hasMessageContaining("gave no gradient of input 0");
        }
    }

    private static Tensor outside(java.util.function.Supplier<Tensor> computation) {
        try (Gradients.Guard off = Gradients.off()) {
            return computation.get();
        }
    }
}
