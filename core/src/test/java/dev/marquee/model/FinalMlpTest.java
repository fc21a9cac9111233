package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.config.Sections;
import dev.marquee.nn.Activation;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FinalMlpTest {
    private static final TestRows ROWS = TestRows.full().withLabels(2);
    private static final int WIDTH = 3;
    private static final int HEADS = 2;
    private static final int FIRST = 4;
    private static final int SECOND = 6;

    @Test
    void forward_learntConditions_gatesTheStreamsAndFusesThemInHeads() {
        ModelChecks.assertLogits(config(true, List.of(), List.of()), ROWS, (parameters, row) -> {
            ByHand hand = new ByHand(ROWS, parameters, row);
            double[] x = hand.flat(DenseInput.RAW);
            return fused(
                    hand,
                    gated(hand, "first.gate.", hand.vector("first.gate.condition"), x),
                    gated(hand, "second.gate.", hand.vector("second.gate.condition"), x));
        });
    }

    @Test
    void forward_namedConditions_gatesByTheValuesOfThoseFeatures() {
        ModelChecks.assertLogits(
                config(true, List.of("user", "price"), List.of("seen_topics")), ROWS, (parameters, row) -> {
                    ByHand hand = new ByHand(ROWS, parameters, row);
                    double[] x = hand.flat(DenseInput.RAW);
                    double[][] fields = hand.fields(false);
                    double[] price = Arrays.copyOfRange(hand.numbers(), 1, 3);
                    return fused(
                            hand,
                            gated(hand, "first.gate.", ByHand.join(fields[0], price), x),
                            gated(hand, "second.gate.", fields[fields.length - 1], x));
                });
    }

    @Test
    void forward_withoutGates_readsTheInputTwice() {
        ModelChecks.assertLogits(config(false, List.of(), List.of()), ROWS, (parameters, row) -> {
            ByHand hand = new ByHand(ROWS, parameters, row);
            double[] x = hand.flat(DenseInput.RAW);
            return fused(hand, x, x);
        });
    }

    @Test
    void create_gateOnAnUnknownFeature_isRefusedWithThoseThatThereAre() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            assertThatThrownBy(() -> config(true, List.of("usr"), List.of())
                            .create(parameters.root(), TestRows.plain().layout()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a gate of final_mlp reads \"usr\", which is no feature; there are [user, ad, topic,"
                            + " age, price, hour]");
        }
    }

    @Test
    void check_streamsThatHeadsDoNotDivide_areRefused() {
        FinalMlpConfig config = new FinalMlpConfig(
                EmbeddingConfig.DEFAULT,
                DenseInput.RAW,
                List.of(8, 5),
                List.of(),
                Activation.RELU,
                0,
                Norm.NONE,
                true,
                List.of(),
                List.of(),
                List.of(),
                2,
                Optional.empty());
        assertThatThrownBy(() -> Sections.checked(config))
                .hasMessageContaining(
                        "first    must end with a size divisible by heads: 5 cannot be cut into 2 equal parts")
                .hasMessageContaining("second   needs at least one hidden layer");
    }

    private static FinalMlpConfig config(boolean gating, List<String> firstGate, List<String> secondGate) {
        return new FinalMlpConfig(
                new EmbeddingConfig(WIDTH, 0.1, 0),
                DenseInput.RAW,
                List.of(5, FIRST),
                List.of(SECOND),
                Activation.RELU,
                0,
                Norm.NONE,
                gating,
                List.of(5),
                firstGate,
                secondGate,
                HEADS,
                Optional.empty());
    }

    private static double[] gated(ByHand hand, String gate, double[] condition, double[] x) {
        double[] weights = hand.linear(gate + "output", hand.hidden(gate, 1, condition));
        return ByHand.product(x, ByHand.each(weights, v -> 2 * ByHand.sigmoid(v)));
    }

    private static double[] fused(ByHand hand, double[] firstInput, double[] secondInput) {
        double[] one = hand.hidden("first.", 2, firstInput);
        double[] two = hand.hidden("second.", 1, secondInput);
        double[] linear = hand.linear("output", ByHand.join(one, two));
        double[] weight = hand.vector("fusion.weight");
        int rows = FIRST / HEADS;
        int columns = SECOND / HEADS;
        return IntStream.range(0, 2)
                .mapToDouble(label -> {
                    double sum = linear[label];
                    for (int head = 0; head < HEADS; head++) {
                        for (int i = 0; i < rows; i++) {
                            for (int j = 0; j < columns; j++) {
                                sum += one[head * rows + i]
                                        * weight[((head * rows + i) * 2 + label) * columns + j]
                                        * two[head * columns + j];
                            }
                        }
                    }
                    return sum;
                })
                .toArray();
    }
}
