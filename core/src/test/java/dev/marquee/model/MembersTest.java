package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.nn.Activation;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class MembersTest {
    private static final int MEMBERS = 3;
    private static final EmbeddingConfig EMBEDDING = new EmbeddingConfig(3, 0.1, 0);

    @Test
    void dnn_training_returnsTheLogitsOfEachMember() {
        TestRows rows = TestRows.full().withLabels(2);
        DnnConfig config = dnn(DenseInput.RAW);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = config.create(parameters.root(), rows.layout());
            TestRows.fill(parameters);
            Tensor logits = model.forward(rows.batch(), Mode.TRAINING);
            assertThat(Tensors.shape(logits)).containsExactly(rows.size(), MEMBERS, 2);
            double[] values = Tensors.toDoubles(logits);
            for (int i = 0; i < values.length; i++) {
                ByHand hand = new ByHand(rows, parameters, i / (MEMBERS * 2));
                double[] expected = member(hand, i / 2 % MEMBERS, hand.flat(DenseInput.RAW));
                assertThat(values[i]).isCloseTo(expected[i % 2], within(1e-10));
            }
        }
    }

    @Test
    void dnn_evaluation_isTheLogitOfTheMeanProbability() {
        TestRows rows = TestRows.full().withLabels(2);
        ModelChecks.assertLogits(dnn(DenseInput.EMBEDDED), rows, (parameters, row) -> {
            ByHand hand = new ByHand(rows, parameters, row);
            return mean(hand, hand.flat(DenseInput.EMBEDDED), new double[2]);
        });
    }

    @Test
    void deepFm_evaluation_addsTheMachineToEachMember() {
        TestRows rows = TestRows.full();
        DeepFmConfig config =
                new DeepFmConfig(EMBEDDING, List.of(5, 4), Activation.RELU, 0, Norm.NONE, MEMBERS, Optional.empty());
        ModelChecks.assertLogits(config, rows, (parameters, row) -> {
            ByHand hand = new ByHand(rows, parameters, row);
            double machine = hand.wide()[0] + ByHand.pairs(hand.fields(true));
            return mean(hand, ByHand.join(hand.fields(true)), new double[] {machine});
        });
    }

    @Test
    void ofMembers_extremeLogits_staysFiniteAndRight() {
        try (Scope scope = Scope.open()) {
            Tensor logits = Tensors.of(new float[] {1000, 900, -1000, -900, 40, -40}, 3, 2, 1);
            double[] means = Tensors.toDoubles(Logits.ofMembers(logits, Mode.EVALUATION));
            // The mean of e^-1000 and e^-900 is e^-900 / 2 but for one part in e^100; that of 1 - e^-40 and e^-40 is
            // 1/2.
            assertThat(means[0]).isCloseTo(900 + Math.log(2), within(1e-3));
            assertThat(means[1]).isCloseTo(-900 - Math.log(2), within(1e-3));
            assertThat(means[2]).isCloseTo(0, within(1e-6));
        }
    }

    @Test
    void create_threeMembers_differOnlyByTheirSignsAndLastLayers() {
        TestRows rows = TestRows.full();
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            dnn(DenseInput.RAW).create(parameters.root(), rows.layout());
            assertThat(Tensors.toDoubles(parameters.state().get("deep.fc1.r"))).contains(-1, 1);
            assertThat(Tensors.toDoubles(parameters.state().get("deep.fc1.r"))).containsOnly(-1, 1);
            for (String name : List.of("deep.fc1.s", "deep.fc2.r", "deep.fc2.s")) {
                assertThat(Tensors.toDoubles(parameters.state().get(name))).containsOnly(1);
            }
            assertThat(Tensors.toDoubles(parameters.state().get("output.bias")))
                    .containsOnly((float) Math.log(0.25)); // the base rate is 0.2
        }
    }

    private static DnnConfig dnn(DenseInput dense) {
        return new DnnConfig(EMBEDDING, dense, List.of(5, 4), Activation.RELU, 0, Norm.NONE, MEMBERS, Optional.empty());
    }

    /** The logit of the mean of the members' probabilities, each logit plus something. */
    private static double[] mean(ByHand hand, double[] x, double[] plus) {
        double[] mean = new double[plus.length];
        for (int member = 0; member < MEMBERS; member++) {
            double[] logits = ByHand.add(member(hand, member, x), plus);
            for (int label = 0; label < mean.length; label++) {
                mean[label] += ByHand.sigmoid(logits[label]) / MEMBERS;
            }
        }
        return ByHand.each(mean, p -> Math.log(p / (1 - p)));
    }

    private static double[] member(ByHand hand, int member, double[] x) {
        double[] y = x;
        for (int i = 1; i <= 2; i++) {
            String name = "deep.fc" + i;
            double[] scaled = ByHand.product(y, hand.matrix(name + ".r")[member]);
            double[] mapped = ByHand.times(hand.matrix(name + ".weight"), scaled);
            double[] own = ByHand.product(mapped, hand.matrix(name + ".s")[member]);
            y = ByHand.each(ByHand.add(own, hand.matrix(name + ".bias")[member]), v -> Math.max(v, 0));
        }
        double[] logits = hand.matrix("output.bias")[member].clone();
        double[][] weight = hand.matrix("output.weight"); // [members * inputs][labels]
        for (int k = 0; k < y.length; k++) {
            for (int label = 0; label < logits.length; label++) {
                logits[label] += y[k] * weight[member * y.length + k][label];
            }
        }
        return logits;
    }
}
