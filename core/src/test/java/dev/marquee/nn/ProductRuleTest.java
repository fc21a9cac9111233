package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.nn.ProductRule.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProductRuleTest {
    @ParameterizedTest
    @CsvSource({
        "OUTPUT, 16, 784, 512, true",
        "OUTPUT, 128, 64, 64, false",
        "INPUT_GRADIENT, 16, 512, 512, true",
        "INPUT_GRADIENT, 17, 512, 512, false",
        "INPUT_GRADIENT, 512, 784, 512, true",
        "WEIGHT_GRADIENT, 16, 784, 512, true",
        "WEIGHT_GRADIENT, 16, 512, 512, false",
        "WEIGHT_GRADIENT, 512, 256, 400, false",
    })
    void oneDnn_byTheRule_dependsOnTheShape(ProductRule product, int rows, int inputs, int outputs, boolean chosen) {
        assertThat(product.oneDnn(Setting.RULE, rows, inputs, outputs)).isEqualTo(chosen);
        assertThat(product.oneDnn(Setting.BLAS, rows, inputs, outputs)).isFalse();
        assertThat(product.oneDnn(Setting.ONEDNN, rows, inputs, outputs)).isTrue();
    }

    @Test
    void setting_unknown_saysWhatIsAllowed() {
        assertThatThrownBy(() -> Setting.of("mkl"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("marquee.products must be rule, blas or onednn, not \"mkl\"");
    }
}
