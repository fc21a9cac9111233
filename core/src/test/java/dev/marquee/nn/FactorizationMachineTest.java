package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import org.junit.jupiter.api.Test;

class FactorizationMachineTest {
    @Test
    void pairs_ofTwoFields_isTheirDotProduct() {
        try (Scope scope = Scope.open()) {
            assertThat(FactorizationMachine.pairs(Tensors.of(new double[] {1, 2, 3, 4}, 1, 2, 2))
                            .item_double())
                    .isCloseTo(11, within(1e-12));
        }
    }

    @Test
    void pairs_ofOneField_isZero() {
        try (Scope scope = Scope.open()) {
            assertThat(FactorizationMachine.pairs(Tensors.of(new double[] {1, 2}, 1, 1, 2))
                            .item_double())
                    .isZero();
        }
    }

    @Test
    void pairs_ofAnotherShape_isRefused() {
        try (Scope scope = Scope.open()) {
            assertThatThrownBy(() -> FactorizationMachine.pairs(Tensors.zeros(DType.FLOAT32, 2, 3)))
                    .hasMessage("a factorization machine's fields must be [batch, fields, width], not [2, 3] FLOAT32");
        }
    }
}
