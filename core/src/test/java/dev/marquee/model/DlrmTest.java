package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.nn.Activation;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DlrmTest {
    private static final DlrmConfig CONFIG = new DlrmConfig(
            new EmbeddingConfig(3, 0.1, 0), List.of(4), List.of(5), Activation.RELU, 0, Norm.NONE, Optional.empty());

    @Test
    void forward_twoLabels_readsTheNumbersAndEachPairOnce() {
        TestRows rows = TestRows.full().withLabels(2);
        ModelChecks.assertLogits(CONFIG, rows, (parameters, row) -> {
            ByHand hand = new ByHand(rows, parameters, row);
            double[] numbers = hand.linear("bottom.fc2", hand.hidden("bottom.", 1, hand.numbers()));
            double[][] ids = hand.fields(false);
            double[][] all = new double[ids.length + 1][];
            all[0] = numbers;
            System.arraycopy(ids, 0, all, 1, ids.length);
            return hand.linear("output", hand.hidden("top.", 1, ByHand.join(numbers, products(all))));
        });
    }

    @Test
    void forward_withoutNumbers_readsThePairsAlone() {
        TestRows rows = TestRows.full().withoutNumbers();
        ModelChecks.assertLogits(CONFIG, rows, (parameters, row) -> {
            ByHand hand = new ByHand(rows, parameters, row);
            return hand.linear("output", hand.hidden("top.", 1, products(hand.fields(false))));
        });
    }

    @Test
    void create_oneFeatureAlone_isRefused() {
        FeatureLayout all = TestRows.plain().withoutNumbers().layout();
        FeatureLayout one = new FeatureLayout(
                List.of(), all.tables(), all.fields().subList(0, 1), List.of(), List.of(), all.labels());
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            assertThatThrownBy(() -> CONFIG.create(parameters.root(), one))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("dlrm crosses pairs of embeddings, and the schema has only one feature of ids and no"
                            + " numbers: choose logistic_regression or dnn");
        }
    }

    private static double[] products(double[][] embeddings) {
        double[] products = new double[embeddings.length * (embeddings.length - 1) / 2];
        int next = 0;
        for (int i = 0; i < embeddings.length; i++) {
            for (int j = 0; j < i; j++) {
                products[next++] = ByHand.dot(embeddings[i], embeddings[j]);
            }
        }
        return products;
    }
}
