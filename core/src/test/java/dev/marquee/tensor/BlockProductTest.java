package dev.marquee.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.BlockProduct.Factor;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockProductTest {
    private static final int STRIDE = 7;

    @ParameterizedTest
    @CsvSource({
        "FLOAT64, false, false",
        "FLOAT64, true, false",
        "FLOAT64, false, true",
        "FLOAT64, true, true",
        "FLOAT32, true, false",
        "FLOAT32, false, true"
    })
    void run_blocksWithinTensors_areMultipliedAndNothingElseChanges(DType type, boolean flipA, boolean flipB) {
        Random random = new Random(1);
        // Small whole numbers, so that float32 is exact too.
        double[] a = random.ints(70, -9, 9).asDoubleStream().toArray();
        double[] b = random.ints(70, -9, 9).asDoubleStream().toArray();
        double[] c = random.ints(70, -9, 9).asDoubleStream().toArray();
        double[] expected = c.clone();
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 3; j++) {
                double sum = 0;
                for (int k = 0; k < 4; k++) {
                    sum += a[5 + (flipA ? k * STRIDE + i : i * STRIDE + k)]
                            * b[8 + (flipB ? j * STRIDE + k : k * STRIDE + j)];
                }
                expected[11 + i * STRIDE + j] = 3 * sum + 2 * c[11 + i * STRIDE + j];
            }
        }
        try (Scope scope = Scope.open()) {
            Tensor target = Tensors.of(c).to(type.scalarType());
            new BlockProduct(
                            3,
                            new Factor(Tensors.of(a).to(type.scalarType()), STRIDE, flipA),
                            new Factor(Tensors.of(b).to(type.scalarType()), STRIDE, flipB),
                            2,
                            Factor.of(target, STRIDE))
                    .run(2, 3, 4, 5, 8, 11);
            assertThat(Tensors.toDoubles(target)).containsExactly(expected);
        }
    }

    @Test
    void run_sizeOfZero_leavesTheResult() {
        try (Scope scope = Scope.open()) {
            Tensor target = Tensors.full(5, DType.FLOAT32, 4);
            Factor any = Factor.of(Tensors.full(1, DType.FLOAT32, 4), 2);
            new BlockProduct(1, any, any, 0, Factor.of(target, 2)).run(2, 2, 0, 0, 0, 0);
            assertThat(Tensors.toDoubles(target)).containsOnly(5);
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 2, 2, 1, 0, 0", "2, 2, 2, 0, 1, 0", "2, 2, 2, 0, 0, 1", "3, 2, 2, 0, 0, 0", "2, 2, 2, -1, 0, 0"})
    void run_blockOutsideItsTensor_isRefusedBeforeMemoryIsTouched(
            int rows, int columns, int inner, long atA, long atB, long atC) {
        try (Scope scope = Scope.open()) {
            Factor four = Factor.of(Tensors.full(1, DType.FLOAT32, 2, 2), 2);
            BlockProduct product = new BlockProduct(1, four, four, 0, four);
            assertThatThrownBy(() -> product.run(rows, columns, inner, atA, atB, atC))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("is not within [2, 2] FLOAT32");
        }
    }

    @Test
    void create_mixedTypes_areRefused() {
        try (Scope scope = Scope.open()) {
            Factor single = Factor.of(Tensors.full(1, DType.FLOAT32, 2, 2), 2);
            Factor whole = Factor.of(Tensors.full(1, DType.FLOAT64, 2, 2), 2);
            assertThatThrownBy(() -> new BlockProduct(1, single, whole, 0, single))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("float32 or float64 alike");
        }
    }

    @Test
    void factor_tensorThatIsNotContiguous_isRefused() {
        try (Scope scope = Scope.open()) {
            Tensor turned = Tensors.full(1, DType.FLOAT32, 2, 3).t();
            assertThatThrownBy(() -> Factor.of(turned, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("contiguous");
        }
    }
}
