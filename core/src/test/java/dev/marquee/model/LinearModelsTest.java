package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.nn.Activation;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Logistic regression, factorisation machine, and what adds a perceptron to them. */
class LinearModelsTest {
    private static final EmbeddingConfig EMBEDDING = new EmbeddingConfig(3, 0.1, 0);
    private static final LogisticRegressionConfig LOGISTIC = LogisticRegressionConfig.DEFAULT;
    private static final FmConfig FM = new FmConfig(EMBEDDING, Optional.empty());

    @Test
    void logisticRegression_twoLabels_addsTheWeightsOfEachFeature() {
        TestRows rows = TestRows.full().withLabels(2);
        ModelChecks.assertLogits(LOGISTIC, rows, (parameters, row) -> new ByHand(rows, parameters, row).wide());
    }

    @Test
    void logisticRegression_new_predictsTheBaseRates() {
        TestRows rows = TestRows.full().withLabels(2);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            Model model = LOGISTIC.create(parameters.root(), rows.layout());
            Tensor logits = model.forward(rows.batch(), Mode.EVALUATION);
            double[] rates = Tensors.toDoubles(logits.sigmoid());
            for (int row = 0; row < rows.size(); row++) {
                assertThat(rates[2 * row]).isCloseTo(0.2, within(1e-6));
                assertThat(rates[2 * row + 1]).isCloseTo(0.05, within(1e-6));
            }
        }
    }

    @Test
    void fm_everyKindOfFeature_addsTheProductsOfAllPairs() {
        TestRows rows = TestRows.full();
        ModelChecks.assertLogits(FM, rows, (parameters, row) -> machine(new ByHand(rows, parameters, row)));
    }

    @Test
    void fm_twoFields_givesTheValueOfThePaper() {
        FeatureLayout layout = new FeatureLayout(
                List.of(new FeatureLayout.Dense("a", 0, 1), new FeatureLayout.Dense("b", 1, 1)),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(new FeatureLayout.Label("click", 0.5)));
        TestRows rows = TestRows.numbersOnly().withLayout(layout).withNumbers(new float[] {1, 1}, new float[] {2, -3});
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model =
                    new FmConfig(new EmbeddingConfig(2, 0.1, 0), Optional.empty()).create(parameters.root(), layout);
            TestRows.set(parameters, "numbers.weight", 1, 2, 3, 4);
            Tensor logits = model.forward(rows.batch(), Mode.EVALUATION);
            // <(1, 2), (3, 4)> = 11, times the two numbers.
            assertThat(Tensors.toDoubles(logits)).containsExactly(new double[] {11, -66}, within(1e-12));
        }
    }

    @Test
    void fm_fieldsInAnotherOrder_givesTheSameLogits() {
        TestRows rows = TestRows.plain();
        FeatureLayout layout = rows.layout();
        List<FeatureLayout.Field> reversed = new ArrayList<>(layout.fields());
        Collections.reverse(reversed);
        TestRows turned = rows.withLayout(new FeatureLayout(
                        layout.dense(), layout.tables(), reversed, layout.bags(), layout.sequences(), layout.labels()))
                .withReversedIds();
        assertThat(ModelChecks.logits(FM, turned)).containsExactly(ModelChecks.logits(FM, rows), within(1e-12));
    }

    @Test
    void wideDeep_twoLabels_addsLogisticRegressionAndPerceptron() {
        TestRows rows = TestRows.full().withLabels(2);
        for (DenseInput dense : DenseInput.values()) {
            WideDeepConfig config = new WideDeepConfig(
                    EMBEDDING, dense, List.of(5, 4), Activation.RELU, 0, Norm.NONE, 1, Optional.empty());
            ModelChecks.assertLogits(config, rows, (parameters, row) -> {
                ByHand hand = new ByHand(rows, parameters, row);
                return ByHand.add(hand.wide(), hand.linear("output", hand.hidden("deep.", 2, hand.flat(dense))));
            });
        }
    }

    @Test
    void dnn_twoLabels_isAPerceptronOnTheInput() {
        TestRows rows = TestRows.full().withLabels(2);
        for (DenseInput dense : DenseInput.values()) {
            DnnConfig config =
                    new DnnConfig(EMBEDDING, dense, List.of(5, 4), Activation.RELU, 0, Norm.NONE, 1, Optional.empty());
            ModelChecks.assertLogits(config, rows, (parameters, row) -> {
                ByHand hand = new ByHand(rows, parameters, row);
                return hand.linear("output", hand.hidden("deep.", 2, hand.flat(dense)));
            });
        }
    }

    @Test
    void deepFm_everyKindOfFeature_addsMachineAndPerceptron() {
        TestRows rows = TestRows.full();
        DeepFmConfig config =
                new DeepFmConfig(EMBEDDING, List.of(5, 4), Activation.RELU, 0, Norm.NONE, 1, Optional.empty());
        ModelChecks.assertLogits(config, rows, (parameters, row) -> {
            ByHand hand = new ByHand(rows, parameters, row);
            double[] deep = hand.linear("output", hand.hidden("deep.", 2, ByHand.join(hand.fields(true))));
            return ByHand.add(machine(hand), deep);
        });
    }

    private static double[] machine(ByHand hand) {
        return new double[] {hand.wide()[0] + ByHand.pairs(hand.fields(true))};
    }
}
