package dev.marquee.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.nn.Linear;
import dev.marquee.nn.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class MemoryTest {
    private static final long MEBIBYTE = 1 << 20;

    @Test
    void tensorsOf_noScopeOpen_refusesBecauseNobodyWouldFreeThem() {
        assertThatThrownBy(() -> Tensors.of(new float[] {1}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no scope is open on this thread");
    }

    @Test
    void arenaBytesByName_views_countTheirMemoryOnce() {
        try (Scope scope = Scope.open();
                Arena arena = Arena.open("arena of this test")) {
            Tensor whole = arena.keep(Tensors.zeros(DType.FLOAT32, 100));
            arena.keep(whole.narrow(0, 10, 20));
            assertThat(Arena.bytesByName()).containsEntry("arena of this test", 400L);
        }
        assertThat(Arena.bytesByName()).doesNotContainKey("arena of this test");
    }

    @Test
    void tensorsOf_noValues_isAnEmptyTensorOfTheShape() {
        try (Scope scope = Scope.open()) {
            assertThat(Tensors.toFloats(Tensors.of(new float[0]))).isEmpty();
            assertThat(Tensors.toDoubles(Tensors.of(new double[0]))).isEmpty();
            assertThat(Tensors.toLongs(Tensors.of(new long[0], 3, 0))).isEmpty();
            assertThat(Tensors.shape(Tensors.of(new long[0], 3, 0))).containsExactly(3, 0);
            assertThat(Tensors.shape(Tensors.of(new boolean[0]))).containsExactly(0);
            assertThat(Tensors.shape(Tensors.of(new byte[0]))).containsExactly(0);
            assertThatThrownBy(() -> Tensors.of(new float[0], 2)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void scope_thousandsOfTrainingSteps_nativeMemoryDoesNotGrow() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32);
                Scope around = Scope.open()) {
            Linear layer = Linear.create(parameters.root(), 256, 64, true);
            Tensor input = Tensors.full(0.5, DType.FLOAT32, 128, 256);
            train(parameters, layer, input, 500);
            long before = Engine.residentBytes();
            train(parameters, layer, input, 5_000);
            // A leak of one activation a step would be 5,000 × 32 KiB = 156 MiB.
            assertThat(Engine.residentBytes() - before).isLessThan(24 * MEBIBYTE);
        }
    }

    private static void train(Parameters parameters, Linear layer, Tensor input, int steps) {
        for (int step = 0; step < steps; step++) {
            try (Scope scope = Scope.open()) {
                parameters.zeroGradients();
                torch.relu(layer.forward(input)).mean().backward();
                try (Gradients.Guard off = Gradients.off()) {
                    Scalar rate = new Scalar(-0.01);
                    parameters.trainable().values().forEach(tensor -> tensor.add_(tensor.grad(), rate));
                }
            }
        }
    }

    @Test
    void promote_tensorOfInnerScope_livesOnInOuterScope() {
        try (Scope outer = Scope.open()) {
            Tensor kept;
            try (Scope inner = Scope.open()) {
                kept = inner.promote(Tensors.of(new float[] {1, 2, 3}));
            }
            assertThat(Tensors.toFloats(kept)).containsExactly(1, 2, 3);
        }
    }

    @Test
    void promote_noOuterScope_pointsToTheArena() {
        try (Scope only = Scope.open()) {
            Tensor tensor = Tensors.of(new float[] {1});
            assertThatThrownBy(() -> only.promote(tensor)).hasMessageContaining("keep the tensor in an Arena");
        }
    }

    @Test
    void arena_keptTensor_outlivesItsScopeUntilTheArenaCloses() {
        Tensor kept;
        try (Arena arena = Arena.open("test")) {
            try (Scope scope = Scope.open()) {
                kept = arena.keep(Tensors.of(new float[] {4, 5}));
            }
            assertThat(Tensors.toFloats(kept)).containsExactly(4, 5);
            assertThat(arena.bytes()).isEqualTo(8);
        }
        assertThat(kept.isNull()).isTrue();
    }

    @Test
    void keep_closedArena_refuses() {
        Arena arena = Arena.open("weights of a test");
        arena.close();
        try (Scope scope = Scope.open()) {
            Tensor tensor = Tensors.of(new float[] {1});
            assertThatThrownBy(() -> arena.keep(tensor))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the arena \"weights of a test\" is closed");
        }
    }

    @Test
    void arena_droppedWithoutClose_isFreedAndReportedWithThePlaceThatOpenedIt() throws InterruptedException {
        List<LogRecord> reports = new ArrayList<>();
        Logger logger = Logger.getLogger("dev.marquee.memory");
        Handler handler = collectInto(reports);
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
        try {
            long before = Arena.leaked();
            leak();
            synchronized (reports) {
                // The collector decides when; each round asks it once more.
                for (int round = 0; round < 200 && reports.isEmpty(); round++) {
                    System.gc();
                    reports.wait(50);
                }
            }
            assertThat(Arena.leaked()).isEqualTo(before + 1);
            assertThat(String.format(
                            "%s %s",
                            reports.get(0).getMessage(), List.of(reports.get(0).getParameters())))
                    .contains("never closed", "forgotten", "MemoryTest.leak");
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
        }
    }

    private static void leak() {
        Arena arena = Arena.open("forgotten");
        try (Scope scope = Scope.open()) {
            arena.keep(Tensors.zeros(DType.FLOAT32, 16));
        }
    }

    private static Handler collectInto(List<LogRecord> reports) {
        return new Handler() {
            @Override
            public void publish(LogRecord report) {
                synchronized (reports) {
                    reports.add(report);
                    reports.notifyAll();
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }
}
