package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.nn.Activation;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class EsmmTest {
    @Test
    void forward_isTheProductOfTheTwoTowersProbabilities() {
        TestRows rows = TestRows.full().withLabels(2);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = config(Activation.RELU).create(parameters.root(), rows.layout());
            TestRows.fill(parameters);
            double[] logits = Tensors.toDoubles(model.forward(rows.batch(), Mode.EVALUATION));
            Oracle oracle = new Oracle(rows, parameters);
            for (int row = 0; row < rows.size(); row++) {
                double click = tower(oracle, 0, row);
                double conversion = tower(oracle, 1, row);
                assertThat(logits[2 * row]).isEqualTo(click, within(1e-12));
                assertThat(Oracle.sigmoid(logits[2 * row + 1]))
                        .isEqualTo(Oracle.sigmoid(click) * Oracle.sigmoid(conversion), within(1e-12));
            }
        }
    }

    @Test
    void logitOfProduct_probabilitiesThatRoundToZeroOrOne_isFiniteAndRight() {
        double[] a = {0, 100, 100, -100, -100, 2, 1000};
        double[] b = {0, 100, -3, -100, 50, 1000, -1000};
        double[] expected = {
            Math.log(0.25 / 0.75), // 1/2 · 1/2
            100 - Math.log(2), // both fail so rarely that their failures add up
            -3,
            -200,
            -100,
            2,
            -1000
        };
        try (Scope scope = Scope.open()) {
            Tensor logits = Esmm.logitOfProduct(Tensors.of(a), Tensors.of(b));
            assertThat(Tensors.toDoubles(logits)).containsExactly(expected, within(1e-9));
            float[] single = Tensors.toFloats(Esmm.logitOfProduct(
                    Tensors.of(a).to(DType.FLOAT32.scalarType()), Tensors.of(b).to(DType.FLOAT32.scalarType())));
            for (int i = 0; i < single.length; i++) {
                assertThat((double) single[i]).isEqualTo(expected[i], within(1e-5));
            }
        }
    }

    @Test
    void logitOfProduct_extremeLogits_haveFiniteGradients() {
        try (Scope scope = Scope.open()) {
            Tensor a = Tensors.of(new float[] {0, 80, -80, 200, -200});
            Tensor b = Tensors.of(new float[] {0, 80, 80, -200, -200});
            a.set_requires_grad(true);
            b.set_requires_grad(true);
            Esmm.logitOfProduct(a, b).sum().backward();
            // d/da = (1 − σ(a)) / (1 − σ(a)σ(b))
            assertThat(Tensors.toFloats(a.grad())).containsExactly(new float[] {2 / 3f, 0.5f, 1, 0, 1}, within(1e-6f));
            assertThat(Tensors.toFloats(b.grad())).containsExactly(new float[] {2 / 3f, 0.5f, 0, 1, 1}, within(1e-6f));
        }
    }

    @Test
    void gradients_agreeWithFiniteDifferences() {
        ModelChecks.assertGradients(config(Activation.TANH), TestRows.full().withLabels(2));
    }

    @Test
    void create_biasesStartAtTheClickRateAndAtTheConversionRateOfAClick() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            EsmmConfig.DEFAULT.create(
                    parameters.root(), TestRows.full().withLabels(2).layout());
            // 5 of 100 impressions convert, of 20 that are clicked.
            assertThat(Tensors.toDoubles(parameters.state().get("towers.out.bias")))
                    .containsExactly(new double[] {Math.log(0.2 / 0.8), Math.log(0.25 / 0.75)}, within(1e-6));
        }
    }

    @Test
    void create_otherLabelsThanClickAndConversion_areRefused() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            assertThatThrownBy(() -> EsmmConfig.DEFAULT.create(
                            parameters.root(), TestRows.full().layout()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "esmm needs two labels, the click and the conversion after a click, in this order, not 1:"
                                    + " [click]");
            FeatureLayout plain = TestRows.plain().layout();
            FeatureLayout swapped = new FeatureLayout(
                    plain.dense(),
                    plain.tables(),
                    plain.fields(),
                    plain.bags(),
                    plain.sequences(),
                    List.of(new FeatureLayout.Label("buy", 0.05), new FeatureLayout.Label("click", 0.2)));
            assertThatThrownBy(() -> EsmmConfig.DEFAULT.create(parameters.root(), swapped))
                    .hasMessage("esmm needs two labels, the click and the conversion after a click, in this order, but"
                            + " \"click\" (0.2 of the rows) is more frequent than \"buy\" (0.05): change their order, and"
                            + " see to it that the conversion is 0, not unknown, where there was no click");
            assertThat(parameters.state()).isEmpty();
        }
    }

    private static double tower(Oracle oracle, int which, int row) {
        double[] hidden = Oracle.map(Oracle::relu, oracle.linearOf(which, "towers.fc1", oracle.all(row)));
        return oracle.linearOf(which, "towers.out", hidden)[0];
    }

    private static EsmmConfig config(Activation activation) {
        return new EsmmConfig(new EmbeddingConfig(3, 0.5, 0), List.of(4), activation, 0, Norm.NONE, Optional.empty());
    }
}
