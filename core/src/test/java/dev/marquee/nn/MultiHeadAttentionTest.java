package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.nn.MultiHeadAttention.Config;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MultiHeadAttentionTest {
    private static final Config SIZES = Config.of(6, 10, 8, 2);

    @Test
    void create_default_hasThreeWeightsWithoutBias() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            MultiHeadAttention.create(parameters.root(), SIZES);
            assertThat(parameters.state().keySet()).containsExactly("W_query.weight", "W_key.weight", "W_value.weight");
            assertThat(Tensors.shape(parameters.state().get("W_query.weight"))).containsExactly(8, 6);
            assertThat(Tensors.shape(parameters.state().get("W_key.weight"))).containsExactly(8, 10);
            assertThat(Tensors.shape(parameters.state().get("W_value.weight"))).containsExactly(8, 10);
        }
    }

    @Test
    void create_allOptions_hasTheirParameters() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            MultiHeadAttention.create(
                    parameters.root(),
                    SIZES.bias(true)
                            .outputProjection(true)
                            .separateValues(7)
                            .scaling(MultiHeadAttention.Scaling.HEAD_SIZE));
            assertThat(parameters.state().keySet())
                    .containsExactly(
                            "W_query.weight",
                            "W_query.bias",
                            "W_key.weight",
                            "W_key.bias",
                            "W_value.weight",
                            "W_value.bias",
                            "W_out.weight",
                            "W_out.bias");
            assertThat(Tensors.shape(parameters.state().get("W_value.weight"))).containsExactly(8, 7);
            assertThat(Tensors.shape(parameters.state().get("W_out.weight"))).containsExactly(8, 8);
        }
    }

    @Test
    void forward_oneHeadAndIdentityMaps_isTheTextbooksWeightedMean() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            MultiHeadAttention attention = MultiHeadAttention.create(parameters.root(), Config.of(1, 1, 1, 1));
            Tensor one = Tensors.of(new double[] {1}, 1, 1);
            parameters.load(Map.of("W_query.weight", one, "W_key.weight", one, "W_value.weight", one), "the test");
            MultiHeadAttention.Attention result = attention.forward(
                    Tensors.of(new double[] {1}, 1, 1, 1),
                    Tensors.of(new double[] {0, Math.log(3)}, 1, 2, 1),
                    null,
                    Mode.EVALUATION);
            // exp(0) : exp(ln 3) = 1 : 3
            assertThat(Tensors.toDoubles(result.scores())).containsExactly(new double[] {0.25, 0.75}, within(1e-15));
            assertThat(Tensors.toDoubles(result.output()))
                    .containsExactly(new double[] {0.75 * Math.log(3)}, within(1e-15));
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void backward_rowWithAllKeysHidden_givesZerosNeverNan(boolean fused) {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            MultiHeadAttention attention = MultiHeadAttention.create(parameters.root(), SIZES);
            Tensor query = Tensors.full(1, DType.FLOAT32, 1, 3, 6).set_requires_grad(true);
            Tensor key = Tensors.full(2, DType.FLOAT32, 1, 2, 10).set_requires_grad(true);
            Tensor mask = Tensors.of(new boolean[] {true, true}, 1, 2);
            Tensor output = fused
                    ? attention.output(query, key, mask, Mode.TRAINING)
                    : attention.forward(query, key, mask, Mode.TRAINING).output();
            output.sum().backward();
            assertThat(Tensors.toFloats(output)).containsOnly(0);
            assertThat(Tensors.toFloats(query.grad())).containsOnly(0);
            assertThat(Tensors.toFloats(key.grad())).containsOnly(0);
            parameters
                    .trainable()
                    .values()
                    .forEach(parameter ->
                            assertThat(Tensors.toFloats(parameter.grad())).containsOnly(0));
        }
    }

    @Test
    void forward_trainingWithDropout_dropsButReturnsScoresThatSumToOne() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            MultiHeadAttention attention = MultiHeadAttention.create(parameters.root(), SIZES.dropout(0.5));
            Tensor query = Tensors.full(1, DType.FLOAT64, 1, 3, 6);
            Tensor key = Tensors.full(2, DType.FLOAT64, 1, 20, 10);
            MultiHeadAttention.Attention training = attention.forward(query, key, null, Mode.TRAINING);
            MultiHeadAttention.Attention evaluation = attention.forward(query, key, null, Mode.EVALUATION);
            assertThat(Tensors.toDoubles(training.scores())).isEqualTo(Tensors.toDoubles(evaluation.scores()));
            assertThat(Tensors.toDoubles(training.output())).isNotEqualTo(Tensors.toDoubles(evaluation.output()));
        }
    }

    @Test
    void of_unitsThatDoNotDivide_namesBothNumbers() {
        assertThatThrownBy(() -> Config.of(6, 10, 8, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("num_units must be divisible by num_heads: 8 units cannot be cut into 3 equal heads");
    }

    @Test
    void of_sizeOfZero_namesAllSizes() {
        assertThatThrownBy(() -> Config.of(6, 0, 8, 2))
                .hasMessage("attention needs positive sizes, not query_dim 6, key_dim 0, num_units 8, num_heads 2");
    }

    @Test
    void dropout_ofOne_isRefused() {
        assertThatThrownBy(() -> SIZES.dropout(1)).hasMessage("dropout must be at least 0 and below 1, not 1.0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2,6    | 2,5,10  | FLOAT32 | query must be [batch, queries, 6] FLOAT32, not [2, 6] FLOAT32",
                "2,4,5  | 2,5,10  | FLOAT32 | query must be [batch, queries, 6] FLOAT32, not [2, 4, 5] FLOAT32",
                "2,4,6  | 2,5,10  | FLOAT64 | query must be [batch, queries, 6] FLOAT32, not [2, 4, 6] FLOAT64",
                "2,4,6  | 2,5,9   | FLOAT32 | key must be [2, keys, 10] FLOAT32, not [2, 5, 9] FLOAT32",
                "2,4,6  | 3,5,10  | FLOAT32 | key must be [2, keys, 10] FLOAT32, not [3, 5, 10] FLOAT32",
            })
    void forward_inputThatDoesNotFit_namesShapesGivenAndExpected(String query, String key, DType type, String message) {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            MultiHeadAttention attention = MultiHeadAttention.create(parameters.root(), SIZES);
            Tensor queries = Tensors.zeros(type, sizes(query));
            Tensor keys = Tensors.zeros(type, sizes(key));
            assertThatThrownBy(() -> attention.forward(queries, keys, null, Mode.EVALUATION))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
            assertThatThrownBy(() -> attention.output(queries, keys, null, Mode.EVALUATION))
                    .hasMessage(message);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2,4    | BOOL    | mask must be [2, 5] BOOL, not [2, 4] BOOL",
                "2,4,5  | BOOL    | mask must be [2, 5] BOOL, not [2, 4, 5] BOOL",
                "2,5    | FLOAT32 | mask must be [2, 5] BOOL, not [2, 5] FLOAT32",
            })
    void forward_maskThatDoesNotFit_namesShapesGivenAndExpected(String shape, DType type, String message) {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            MultiHeadAttention attention = MultiHeadAttention.create(parameters.root(), SIZES);
            Tensor query = Tensors.zeros(DType.FLOAT32, 2, 4, 6);
            Tensor key = Tensors.zeros(DType.FLOAT32, 2, 5, 10);
            Tensor mask = Tensors.zeros(type, sizes(shape));
            assertThatThrownBy(() -> attention.forward(query, key, mask, Mode.EVALUATION))
                    .hasMessage(message);
        }
    }

    @Test
    void forward_separateValues_mustBeHandedOverAndFit() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            MultiHeadAttention attention = MultiHeadAttention.create(parameters.root(), SIZES.separateValues(7));
            Tensor query = Tensors.zeros(DType.FLOAT32, 2, 4, 6);
            Tensor key = Tensors.zeros(DType.FLOAT32, 2, 5, 10);
            Tensor value = Tensors.zeros(DType.FLOAT32, 2, 4, 7);
            assertThatThrownBy(() -> attention.forward(query, key, null, Mode.EVALUATION))
                    .hasMessage("this attention has values of their own (value_dim 7): hand over query, key and value");
            assertThatThrownBy(() -> attention.forward(query, key, value, null, Mode.EVALUATION))
                    .hasMessage("value must be [2, 5, 7] FLOAT32, not [2, 4, 7] FLOAT32");
        }
    }

    private static long[] sizes(String text) {
        return Arrays.stream(text.split(",", -1)).mapToLong(Long::parseLong).toArray();
    }
}
