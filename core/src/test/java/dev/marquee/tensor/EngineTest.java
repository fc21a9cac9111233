package dev.marquee.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class EngineTest {
    @Test
    void version_loadedEngine_isThatOfTheNatives() {
        assertThat(Engine.version()).matches("\\d+\\.\\d+\\.\\d+");
    }

    @Test
    void useThreads_eachThreadForItself_doesNotChangeTheOthers() throws InterruptedException {
        Engine.useThreads(2);
        AtomicInteger inside = new AtomicInteger();
        Thread other = new Thread(() -> {
            Engine.useThreads(1);
            inside.set(Engine.threads());
        });
        other.start();
        other.join();
        assertThat(inside).hasValue(1);
        assertThat(Engine.threads()).isEqualTo(2);
    }

    @Test
    void useThreads_zero_isRefused() {
        assertThatThrownBy(() -> Engine.useThreads(0)).hasMessage("threads must be at least 1, not 0");
    }

    @Test
    void seed_sameSeedAndStep_drawsTheSame() {
        assertThat(draw(7, 3)).isEqualTo(draw(7, 3));
        assertThat(draw(7, 3)).isNotEqualTo(draw(7, 4));
        assertThat(draw(7, 3)).isNotEqualTo(draw(8, 3));
    }

    private static float[] draw(long seed, long step) {
        try (Scope scope = Scope.open()) {
            Draws.seed(seed, step, 0);
            return Tensors.toFloats(torch.rand(4));
        }
    }

    @Test
    void operators_operatorWithoutJavaMethod_isCalledThroughTheDispatcher() {
        try (Scope scope = Scope.open()) {
            Tensor tensor = Tensors.of(new float[] {-1, 2});
            Tensor result = Operators.call("aten::relu(Tensor self) -> Tensor", new IValue(tensor))
                    .get(0)
                    .toTensor();
            assertThat(Tensors.toFloats(result)).containsExactly(0, 2);
        }
        assertThat(Operators.exists("aten::_fused_sgd_")).isTrue();
        assertThat(Operators.exists("aten::no_such_operator")).isFalse();
    }

    @Test
    void tensorsOf_shapeThatDoesNotFit_namesBoth() {
        try (Scope scope = Scope.open()) {
            assertThatThrownBy(() -> Tensors.of(new float[] {1, 2, 3}, 2, 2))
                    .hasMessage("3 values do not fill the shape [2, 2], which holds 4");
        }
    }

    @Test
    void tensors_everyTypeOfArray_comesBackAsItWas() {
        try (Scope scope = Scope.open()) {
            assertThat(Tensors.toFloats(Tensors.of(new float[] {1.5f, -2}))).containsExactly(1.5f, -2);
            assertThat(Tensors.toDoubles(Tensors.of(new double[] {0.1, 3}))).containsExactly(0.1, 3);
            assertThat(Tensors.toLongs(Tensors.of(new long[] {Long.MIN_VALUE, 5})))
                    .containsExactly(Long.MIN_VALUE, 5);
            assertThat(Tensors.toLongs(Tensors.of(new boolean[] {true, false}))).containsExactly(1, 0);
            assertThat(Tensors.describe(Tensors.zeros(DType.INT64, 2, 3))).isEqualTo("[2, 3] INT64");
            assertThat(Tensors.shape(Tensors.full(2, DType.FLOAT64))).isEmpty();
        }
    }
}
