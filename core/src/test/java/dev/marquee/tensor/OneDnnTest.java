package dev.marquee.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OneDnnTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 17, 64})
    void linear_plainAndTransposedOperands_isTheLinearMap(int rows) {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Tensor x = torch.randn(rows, 40);
            Tensor weight = torch.randn(24, 40);
            Tensor bias = torch.randn(24);
            if (!OneDnn.available()) {
                assertThatThrownBy(() -> OneDnn.linear(x, weight, bias))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("ask available() first");
                return;
            }
            assertSame(OneDnn.linear(x, weight, bias), torch.linear(x, weight, bias));
            assertSame(OneDnn.linear(x, weight, null), torch.linear(x, weight));
            Tensor gradient = torch.randn(rows, 24);
            assertSame(OneDnn.linear(gradient, weight.t(), null), torch.mm(gradient, weight));
            assertSame(OneDnn.linear(gradient.t(), x.t(), null), torch.mm(gradient.t(), x));
        }
    }

    @Test
    void linear_resultOfAnInnerScope_canBePromoted() {
        try (Scope outer = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            if (OneDnn.available()) {
                Tensor promoted;
                try (Scope inner = Scope.open()) {
                    promoted = inner.promote(OneDnn.linear(torch.ones(2, 3), torch.ones(4, 3), null));
                }
                assertThat(promoted.sum().item_float()).isEqualTo(24);
            }
        }
    }

    @Test
    void operatorsHaveAllThreads_asManyThreadsOrMore_isTrue() {
        int threads = Engine.threads();
        try {
            Engine.useThreads(1, 2);
            assertThat(Engine.operatorsHaveAllThreads()).isFalse();
            Engine.useThreads(1, 1);
            assertThat(Engine.operatorsHaveAllThreads()).isTrue();
        } finally {
            Engine.useThreads(threads);
        }
    }

    private static void assertSame(Tensor actual, Tensor expected) {
        assertThat(Tensors.shape(actual)).isEqualTo(Tensors.shape(expected));
        // Sums of up to 64 products of numbers around 1, in another order.
        assertThat((double) actual.sub(expected).abs().max().item_float()).isCloseTo(0, within(1e-4));
    }
}
