package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.config.Sections;
import dev.marquee.nn.Activation;
import dev.marquee.nn.Norm;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AutoIntTest {
    private static final TestRows ROWS = TestRows.full().withLabels(2);
    private static final int HEADS = 2;

    @Test
    void forward_twoLayers_isAttentionByHand() {
        ModelChecks.assertLogits(config(4, List.of()), ROWS, (parameters, row) -> {
            ByHand hand = new ByHand(ROWS, parameters, row);
            return attended(hand);
        });
    }

    @Test
    void forward_withHiddenLayers_addsThePerceptron() {
        ModelChecks.assertLogits(config(4, List.of(5)), ROWS, (parameters, row) -> {
            ByHand hand = new ByHand(ROWS, parameters, row);
            double[] deep = hand.hidden("deep.", 1, ByHand.join(hand.fields(true)));
            return ByHand.add(attended(hand), hand.linear("deep_output", deep));
        });
    }

    @Test
    void check_unitsThatHeadsDoNotDivide_areRefused() {
        assertThatThrownBy(() -> Sections.checked(config(5, List.of())))
                .hasMessageContaining("units   must be divisible by heads: 5 cannot be cut into 2 equal heads");
    }

    private static AutoIntConfig config(int units, List<Integer> hidden) {
        return new AutoIntConfig(
                new EmbeddingConfig(3, 0.1, 0),
                2,
                HEADS,
                units,
                hidden,
                Activation.RELU,
                0,
                Norm.NONE,
                Optional.empty());
    }

    private static double[] attended(ByHand hand) {
        double[][] e = hand.fields(true);
        for (int layer = 1; layer <= 2; layer++) {
            e = layer(hand, "layer" + layer + ".", e);
        }
        return hand.linear("output", ByHand.join(e));
    }

    private static double[][] layer(ByHand hand, String prefix, double[][] e) {
        double[][] query = mapped(hand, prefix + "attention.W_query.weight", e);
        double[][] key = mapped(hand, prefix + "attention.W_key.weight", e);
        double[][] value = mapped(hand, prefix + "attention.W_value.weight", e);
        double[][] residual = mapped(hand, prefix + "residual.weight", e);
        int units = query[0].length;
        int size = units / HEADS;
        double[][] output = new double[e.length][units];
        for (int m = 0; m < e.length; m++) {
            for (int unit = 0; unit < units; unit++) {
                int head = unit / size;
                double[] products = new double[e.length];
                for (int k = 0; k < e.length; k++) {
                    products[k] = ByHand.dot(part(query[m], head, size), part(key[k], head, size));
                }
                double[] weights = ByHand.softmax(products);
                double sum = residual[m][unit];
                for (int k = 0; k < e.length; k++) {
                    sum += weights[k] * value[k][unit];
                }
                output[m][unit] = Math.max(0, sum);
            }
        }
        return output;
    }

    private static double[][] mapped(ByHand hand, String name, double[][] e) {
        return Arrays.stream(e)
                .map(field -> ByHand.times(hand.matrix(name), field))
                .toArray(double[][]::new);
    }

    private static double[] part(double[] values, int head, int size) {
        return Arrays.copyOfRange(values, head * size, (head + 1) * size);
    }
}
