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
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PleTest {
    @ParameterizedTest
    @CsvSource({"1, 1, 1, 2", "1, 2, 1, 3", "2, 1, 2, 2", "3, 2, 2, 3", "2, 1, 1, 1"})
    void forward_isThePapersFormula(int levels, int own, int shared, int labels) {
        TestRows rows = rows(labels);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = config(levels, own, shared, Activation.RELU).create(parameters.root(), rows.layout());
            TestRows.fill(parameters);
            double[] logits = Tensors.toDoubles(model.forward(rows.batch(), Mode.EVALUATION));
            Oracle oracle = new Oracle(rows, parameters);
            for (int row = 0; row < rows.size(); row++) {
                double[][] states = new double[labels + 1][];
                Arrays.fill(states, oracle.all(row));
                for (int level = 1; level <= levels; level++) {
                    states = level(oracle, "level" + level, labels, own, shared, level == levels, states);
                }
                for (int label = 0; label < labels; label++) {
                    double[] hidden = Oracle.map(Oracle::relu, oracle.linearOf(label, "towers.fc1", states[label]));
                    assertThat(logits[row * labels + label])
                            .isEqualTo(oracle.linearOf(label, "towers.out", hidden)[0], within(1e-12));
                }
            }
        }
    }

    private static double[][] level(
            Oracle oracle, String path, int labels, int own, int shared, boolean last, double[][] states) {
        double[][] experts = new double[labels * own + shared][];
        for (int i = 0; i < experts.length; i++) {
            double[] input = states[i < labels * own ? i / own : labels];
            experts[i] = Oracle.map(Oracle::relu, oracle.linearOf(i, path + ".experts.fc1", input));
        }
        double[][] next = new double[labels + 1][experts[0].length];
        for (int label = 0; label < labels; label++) {
            double[] gate = Oracle.softmax(oracle.linear(path + ".gate" + (label + 1), states[label]));
            for (int i = 0; i < own; i++) {
                Oracle.addTo(next[label], gate[i], experts[label * own + i]);
            }
            for (int i = 0; i < shared; i++) {
                Oracle.addTo(next[label], gate[own + i], experts[labels * own + i]);
            }
        }
        if (!last) {
            double[] gate = Oracle.softmax(oracle.linear(path + ".shared_gate", states[labels]));
            for (int i = 0; i < experts.length; i++) {
                Oracle.addTo(next[labels], gate[i], experts[i]);
            }
        }
        return next;
    }

    @Test
    void forward_oneLevelOneLabelOneExpertEach_isTheMixtureOfTwoExperts() {
        TestRows rows = TestRows.full();
        try (Scope scope = Scope.open();
                Parameters ple = Parameters.create(DType.FLOAT64);
                Parameters mmoe = Parameters.create(DType.FLOAT64)) {
            PleConfig config = config(1, 1, 1, Activation.RELU);
            Model one = config.create(ple.root(), rows.layout());
            Model other = new MmoeConfig(
                            config.embedding(),
                            2,
                            config.expertHidden(),
                            List.of(),
                            config.towerHidden(),
                            Activation.RELU,
                            0,
                            Norm.NONE,
                            Optional.empty())
                    .create(mmoe.root(), rows.layout());
            TestRows.fill(ple);
            Map<String, Tensor> values = new HashMap<>();
            ple.state()
                    .forEach((name, tensor) ->
                            values.put(name.replace("level1.", "").replace("gate1", "gates"), tensor));
            mmoe.load(values, "the test");
            assertThat(Tensors.toDoubles(one.forward(rows.batch(), Mode.EVALUATION)))
                    .containsExactly(Tensors.toDoubles(other.forward(rows.batch(), Mode.EVALUATION)), within(1e-12));
        }
    }

    @Test
    void gradients_agreeWithFiniteDifferences() {
        ModelChecks.assertGradients(config(2, 2, 1, Activation.TANH), rows(2));
    }

    @Test
    void create_lastLevel_hasNoSharedGateAndEveryParameterAGradient() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            TestRows rows = rows(3);
            Model model = PleConfig.DEFAULT.create(parameters.root(), rows.layout());
            assertThat(parameters.state().keySet()).contains("level1.shared_gate.weight", "level2.gate3.weight");
            assertThat(parameters.state().keySet()).doesNotContain("level2.shared_gate.weight");
            model.forward(rows.batch(), Mode.TRAINING).sum().backward();
            assertThat(parameters.trainable())
                    .allSatisfy((name, tensor) ->
                            assertThat(tensor.grad().defined()).as(name).isTrue());
        }
    }

    /** With up to three labels. */
    private static TestRows rows(int labels) {
        TestRows rows = TestRows.full();
        FeatureLayout layout = rows.layout();
        List<FeatureLayout.Label> all = List.of(
                new FeatureLayout.Label("click", 0.2),
                new FeatureLayout.Label("like", 0.1),
                new FeatureLayout.Label("share", 0.01));
        return new TestRows(
                new FeatureLayout(
                        layout.dense(),
                        layout.tables(),
                        layout.fields(),
                        layout.bags(),
                        layout.sequences(),
                        all.subList(0, labels)),
                rows.dense(),
                rows.ids(),
                rows.lists(),
                new float[rows.size()][labels]);
    }

    private static PleConfig config(int levels, int own, int shared, Activation activation) {
        return new PleConfig(
                new EmbeddingConfig(3, 0.5, 0),
                levels,
                own,
                shared,
                List.of(4),
                List.of(),
                List.of(3),
                activation,
                0,
                Norm.NONE,
                Optional.empty());
    }
}
