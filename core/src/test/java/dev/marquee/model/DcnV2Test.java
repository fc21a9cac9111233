package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.config.ConfigException;
import dev.marquee.config.Sections;
import dev.marquee.nn.Activation;
import dev.marquee.nn.Norm;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DcnV2Test {
    private static final TestRows ROWS = TestRows.full().withLabels(2);

    @Test
    void forward_stacked_isAPerceptronOnTheCrossedInput() {
        ModelChecks.assertLogits(config(2, 1, DcnV2Config.Structure.STACKED), ROWS, (parameters, row) -> {
            ByHand hand = new ByHand(ROWS, parameters, row);
            double[] x0 = hand.flat(DenseInput.RAW);
            return hand.linear("output", hand.hidden("deep.", 1, cross(hand, x0)));
        });
    }

    @Test
    void forward_parallel_readsTheCrossedInputBesideThePerceptron() {
        ModelChecks.assertLogits(config(2, 1, DcnV2Config.Structure.PARALLEL), ROWS, (parameters, row) -> {
            ByHand hand = new ByHand(ROWS, parameters, row);
            double[] x0 = hand.flat(DenseInput.RAW);
            return hand.linear("output", ByHand.join(cross(hand, x0), hand.hidden("deep.", 1, x0)));
        });
    }

    @Test
    void forward_noCrossLayers_isAPlainPerceptron() {
        DnnConfig dnn = new DnnConfig(
                embedding(), DenseInput.RAW, List.of(5), Activation.RELU, 0, Norm.NONE, 1, Optional.empty());
        assertThat(ModelChecks.logits(config(0, 1, DcnV2Config.Structure.STACKED), ROWS))
                .containsExactly(ModelChecks.logits(dnn, ROWS), within(1e-12));
    }

    @Test
    void check_expertsWithoutRankAndParallelWithoutPerceptron_areRefused() {
        DcnV2Config config = new DcnV2Config(
                embedding(),
                DenseInput.RAW,
                2,
                Optional.empty(),
                4,
                DcnV2Config.Structure.PARALLEL,
                List.of(),
                Activation.RELU,
                0,
                Norm.NONE,
                2,
                Optional.empty());
        assertThatThrownBy(() -> Sections.checked(config))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("members     share the weights of hidden layers, but hidden is empty")
                .hasMessageContaining("experts     are low-rank maps: 4 of them need a rank, such as rank: 64")
                .hasMessageContaining("structure   parallel needs a perceptron beside the cross layers");
    }

    private static EmbeddingConfig embedding() {
        return new EmbeddingConfig(3, 0.1, 0);
    }

    private static DcnV2Config config(int layers, int members, DcnV2Config.Structure structure) {
        return new DcnV2Config(
                embedding(),
                DenseInput.RAW,
                layers,
                Optional.empty(),
                1,
                structure,
                List.of(5),
                Activation.RELU,
                0,
                Norm.NONE,
                members,
                Optional.empty());
    }

    private static double[] cross(ByHand hand, double[] x0) {
        double[] x = x0;
        for (int i = 1; i <= 2; i++) {
            x = ByHand.add(ByHand.product(x0, hand.linear("cross" + i, x)), x);
        }
        return x;
    }
}
