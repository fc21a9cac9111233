package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.data.Batch;
import dev.marquee.nn.Activation;
import dev.marquee.nn.FiniteDifferences;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MmoeTest {
    private static final int EXPERTS = 3;

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void forward_isThePapersFormula(int labels) {
        check(labels, List.of());
    }

    @Test
    void forward_gateFeatures_areAllThatTheGatesSee() {
        check(2, List.of("price", "ad"));
    }

    private static void check(int labels, List<String> gateFeatures) {
        TestRows rows = TestRows.full().withLabels(labels);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model =
                    config(EXPERTS, gateFeatures, Activation.RELU, Norm.NONE).create(parameters.root(), rows.layout());
            TestRows.fill(parameters);
            double[] logits = Tensors.toDoubles(model.forward(rows.batch(), Mode.EVALUATION));
            Oracle oracle = new Oracle(rows, parameters);
            for (int row = 0; row < rows.size(); row++) {
                double[] x = oracle.all(row);
                double[] seen = gateFeatures.isEmpty() ? x : priceAndAd(x);
                double[] gates = oracle.linear("gates", seen);
                for (int label = 0; label < labels; label++) {
                    double[] gate = Oracle.softmax(Arrays.copyOfRange(gates, label * EXPERTS, (label + 1) * EXPERTS));
                    double[] mixture = new double[2];
                    for (int i = 0; i < EXPERTS; i++) {
                        double[] inner = Oracle.map(Oracle::relu, oracle.linearOf(i, "experts.fc1", x));
                        double[] expert = Oracle.map(Oracle::relu, oracle.linearOf(i, "experts.fc2", inner));
                        Oracle.addTo(mixture, gate[i], expert);
                    }
                    double[] hidden = Oracle.map(Oracle::relu, oracle.linearOf(label, "towers.fc1", mixture));
                    assertThat(logits[row * labels + label])
                            .isEqualTo(oracle.linearOf(label, "towers.out", hidden)[0], within(1e-12));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void gradients_agreeWithFiniteDifferences(Norm norm) {
        TestRows rows = TestRows.full().withLabels(2);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Engine.seed(11);
            Model model = config(EXPERTS, List.of(), Activation.TANH, norm).create(parameters.root(), rows.layout());
            Batch batch = rows.batch();
            FiniteDifferences.check(parameters, () -> model.forward(batch, Mode.TRAINING));
        }
    }

    @Test
    void create_biasesStartAtTheBaseRates() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            MmoeConfig.DEFAULT.create(
                    parameters.root(), TestRows.numbersOnly().withLabels(2).layout());
            assertThat(Tensors.toDoubles(parameters.state().get("towers.out.bias")))
                    .containsExactly(new double[] {Math.log(0.2 / 0.8), Math.log(0.05 / 0.95)}, within(1e-6));
        }
    }

    @Test
    void create_unknownGateFeature_isRefusedWithThoseThereAre() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            MmoeConfig config = config(2, List.of("prize"), Activation.RELU, Norm.NONE);
            assertThatThrownBy(() ->
                            config.create(parameters.root(), TestRows.plain().layout()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("gate_features names \"prize\", which is no feature; there are [user, ad, topic, age,"
                            + " price, hour]");
        }
    }

    /** Of the input: seven embeddings of 3, then age, price (two values) and hour. */
    private static double[] priceAndAd(double... x) {
        return Oracle.join(Arrays.copyOfRange(x, 22, 24), Arrays.copyOfRange(x, 3, 6));
    }

    private static MmoeConfig config(int experts, List<String> gateFeatures, Activation activation, Norm norm) {
        return new MmoeConfig(
                new EmbeddingConfig(3, 0.5, 0),
                experts,
                List.of(4, 2),
                gateFeatures,
                List.of(3),
                activation,
                0,
                norm,
                Optional.empty());
    }
}
