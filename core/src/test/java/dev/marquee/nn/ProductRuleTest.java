package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.nn.ProductRule.Kernels;
import dev.marquee.nn.ProductRule.Setting;
import dev.marquee.tensor.Processor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProductRuleTest {
    @ParameterizedTest
    @CsvSource({
        "NARROW, OUTPUT, 16, 784, 512, true",
        "NARROW, OUTPUT, 128, 64, 64, false",
        "NARROW, INPUT_GRADIENT, 16, 512, 512, true",
        "NARROW, INPUT_GRADIENT, 17, 512, 512, false",
        "NARROW, INPUT_GRADIENT, 512, 784, 512, true",
        "NARROW, WEIGHT_GRADIENT, 16, 784, 512, true",
        "NARROW, WEIGHT_GRADIENT, 16, 512, 512, false",
        "NARROW, WEIGHT_GRADIENT, 512, 256, 400, false",
        "WIDE, OUTPUT, 128, 784, 512, true",
        "WIDE, OUTPUT, 256, 784, 512, false",
        "WIDE, OUTPUT, 32, 512, 128, false",
        "WIDE, OUTPUT, 1600, 64, 64, false",
        "WIDE, OUTPUT, 25600, 64, 64, true",
        "WIDE, INPUT_GRADIENT, 512, 512, 128, true",
        "WIDE, INPUT_GRADIENT, 512, 200, 80, false",
        "WIDE, WEIGHT_GRADIENT, 512, 784, 512, false",
        "WIDE_ONEDNN, INPUT_GRADIENT, 512, 512, 128, true",
        "WIDE_ONEDNN, WEIGHT_GRADIENT, 512, 512, 128, true",
        "WIDE_ONEDNN, OUTPUT, 512, 16, 64, false",
    })
    void oneDnn_byTheRule_dependsOnTheShapeAndTheProcessor(
            Kernels kernels, ProductRule product, int rows, int inputs, int outputs, boolean chosen) {
        assertThat(product.oneDnn(Setting.RULE, kernels, rows, inputs, outputs)).isEqualTo(chosen);
        assertThat(product.oneDnn(Setting.BLAS, kernels, rows, inputs, outputs)).isFalse();
        assertThat(product.oneDnn(Setting.ONEDNN, kernels, rows, inputs, outputs))
                .isTrue();
    }

    @Test
    void kernels_ofAProcessorWithAvx512_areWideUnlessTheBlasIsToldOtherwise() {
        Processor avx2 = new Processor("some", 2, List.of("AVX2"), List.of());
        Processor avx512 = new Processor("some", 2, List.of("AVX2", "AVX-512"), List.of());

        assertThat(Kernels.of(avx2, Map.of())).isEqualTo(Kernels.NARROW);
        assertThat(Kernels.of(avx512, Map.of())).isEqualTo(Kernels.WIDE);
        assertThat(Kernels.of(avx512, Map.of("OPENBLAS_CORETYPE", "SkylakeX"))).isEqualTo(Kernels.WIDE);
        assertThat(Kernels.of(avx512, Map.of("OPENBLAS_CORETYPE", "Haswell"))).isEqualTo(Kernels.WIDE_ONEDNN);
    }

    @Test
    void setting_unknown_saysWhatIsAllowed() {
        assertThatThrownBy(() -> Setting.of("mkl"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("marquee.products must be rule, blas or onednn, not \"mkl\"");
    }
}
