package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.data.Batch;
import dev.marquee.nn.Activation;
import dev.marquee.nn.FiniteDifferences;
import dev.marquee.nn.LocalActivation;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DinTest {
    private static final EmbeddingConfig EMBEDDING = new EmbeddingConfig(3, 0.5, 0);

    @ParameterizedTest
    @CsvSource({
        "false, true, false",
        "true, true, false",
        "false, false, false",
        "true, false, false",
        "false, true, true",
        "true, false, true"
    })
    void forward_isThePapersFormula(boolean softmax, boolean dice, boolean products) {
        TestRows rows = Oracle.twoHistories(2);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = config(softmax, dice, Activation.RELU, products).create(parameters.root(), rows.layout());
            fill(parameters);
            double[] logits = Tensors.toDoubles(model.forward(rows.batch(), Mode.EVALUATION));
            Oracle oracle = new Oracle(rows, parameters);
            for (int row = 0; row < rows.size(); row++) {
                double[] x = oracle.besideHistories(row);
                double[] seen = interest(oracle, softmax, dice, row, "seen", "seen_ads", "seen_topics");
                x = joined(oracle, x, seen, products, row, "seen_ads", "seen_topics");
                double[] bought = interest(oracle, softmax, dice, row, "bought", "bought_ads");
                x = joined(oracle, x, bought, products, row, "bought_ads");
                double[] hidden = activate(oracle, dice, "perceptron", oracle.linear("perceptron.fc1", x));
                double[] expected = oracle.linear("perceptron.out", hidden);
                assertThat(Arrays.copyOfRange(logits, 2 * row, 2 * row + 2)).containsExactly(expected, within(1e-11));
            }
        }
    }

    @Test
    void forward_emptyHistory_addsZeros() {
        TestRows rows = Oracle.twoHistories(1);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            LocalActivation unit = LocalActivation.create(
                    parameters.root(), config(true, true, Activation.RELU).unit(2));
            Tensor keys = Tensors.zeros(DType.FLOAT64, 1, 3, 2);
            Tensor padding = Tensors.of(new boolean[] {true, true, true}, 1, 3);
            assertThat(Tensors.toDoubles(
                            unit.forward(keys, Tensors.of(new double[] {1, 2}, 1, 2), padding, Mode.TRAINING)))
                    .containsExactly(0, 0);
        }
        assertThat(rows.lists().get("seen_ads")[1]).containsOnly(0);
    }

    @Test
    void forward_historyInAnotherOrderAndWithMorePadding_leavesTheScores() {
        TestRows rows = Oracle.twoHistories(1);
        Map<String, int[][]> lists = new HashMap<>(rows.lists());
        lists.put(
                "seen_ads",
                new int[][] {{6, 5, 4, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, {5, 4, 7, 3, 0, 0}, {6, 0, 0, 0, 0, 0}});
        lists.put(
                "seen_topics",
                new int[][] {{4, 2, 3, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, {2, 3, 4, 1, 0, 0}, {4, 0, 0, 0, 0, 0}});
        TestRows other = new TestRows(rows.layout(), rows.dense(), rows.ids(), lists, rows.target());
        for (Mode mode : Mode.values()) {
            try (Scope scope = Scope.open();
                    Parameters parameters = Parameters.create(DType.FLOAT64)) {
                Model model = config(false, true, Activation.RELU).create(parameters.root(), rows.layout());
                fill(parameters);
                double[] expected = Tensors.toDoubles(model.forward(rows.batch(), mode));
                assertThat(Tensors.toDoubles(model.forward(other.batch(), mode)))
                        .containsExactly(expected, within(1e-11));
            }
        }
    }

    @Test
    void forward_weightsThatAllAreOne_sumTheHistory() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            LocalActivation unit = LocalActivation.create(
                    parameters.root(), new LocalActivation.Config(1, List.of(2), false, Activation.RELU, false));
            TestRows.set(parameters, "out.weight", 0, 0);
            TestRows.set(parameters, "out.bias", 1);
            Tensor sum = unit.forward(
                    Tensors.of(new double[] {2, 3, 99}, 1, 3, 1),
                    Tensors.of(new double[] {5}, 1, 1),
                    Tensors.of(new boolean[] {false, false, true}, 1, 3),
                    Mode.EVALUATION);
            assertThat(Tensors.toDoubles(sum)).containsExactly(5);
        }
    }

    @ParameterizedTest
    @CsvSource({"false, true, false", "true, false, false", "false, true, true"})
    void gradients_agreeWithFiniteDifferences(boolean softmax, boolean dice, boolean products) {
        TestRows rows = Oracle.twoHistories(1);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = config(softmax, dice, Activation.TANH, products).create(parameters.root(), rows.layout());
            fill(parameters);
            Batch batch = rows.batch();
            FiniteDifferences.check(parameters, () -> model.forward(batch, Mode.TRAINING));
        }
    }

    @Test
    void create_startsAtTheBaseRatesAndDropsEmbeddingsInTrainingAlone() {
        TestRows rows = Oracle.twoHistories(1);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            DinConfig config = new DinConfig(
                    new EmbeddingConfig(4, 1, 0.5),
                    List.of(3),
                    false,
                    false,
                    List.of(8),
                    false,
                    Activation.RELU,
                    0,
                    Norm.LAYER,
                    Optional.empty());
            Model model = config.create(parameters.root(), rows.layout());
            assertThat(parameters.state().get("perceptron.out.bias").item_double())
                    .isEqualTo(Math.log(0.2 / 0.8), within(1e-6));
            float[] scores = Tensors.toFloats(model.forward(rows.batch(), Mode.EVALUATION));
            assertThat(Tensors.toFloats(model.forward(rows.batch(), Mode.EVALUATION)))
                    .isEqualTo(scores);
            assertThat(Tensors.toFloats(model.forward(rows.batch(), Mode.TRAINING)))
                    .isNotEqualTo(scores);
        }
    }

    @Test
    void create_noSequenceWithATarget_saysWhatToDeclare() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            assertThatThrownBy(() -> DinConfig.DEFAULT.create(
                            parameters.root(), TestRows.plain().layout()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("din relates a history to the candidate, and no sequence has a target: declare at least"
                            + " one feature of kind sequence whose target names a categorical feature; there are no"
                            + " sequences at all");
            FeatureLayout full = TestRows.full().layout();
            FeatureLayout untargeted = new FeatureLayout(
                    full.dense(),
                    full.tables(),
                    full.fields(),
                    full.bags(),
                    List.of(new FeatureLayout.Sequence("searches", 3, 2, -1, "seen")),
                    full.labels());
            assertThatThrownBy(() -> BstConfig.DEFAULT.create(parameters.root(), untargeted))
                    .hasMessageStartingWith("bst relates")
                    .hasMessageEndingWith("; without one there is [searches]");
            assertThat(parameters.state()).isEmpty();
        }
    }

    private static double[] interest(
            Oracle oracle, boolean softmax, boolean dice, int row, String history, String... sequences) {
        double[][] keys = oracle.events(row, sequences);
        double[] query = oracle.candidate(row, sequences);
        String path = "attention." + history;
        double[] weights = new double[keys.length];
        for (int i = 0; i < keys.length; i++) {
            double[] key = keys[i];
            double[] difference = key.clone();
            Oracle.addTo(difference, -1, query);
            double[] product = key.clone();
            for (int j = 0; j < product.length; j++) {
                product[j] *= query[j];
            }
            double[] input = Oracle.join(Oracle.join(key, query), Oracle.join(difference, product));
            double[] hidden = oracle.linear(path + ".fc1", input);
            hidden = dice ? oracle.dice(path + ".dice1", hidden) : Oracle.map(Oracle::relu, hidden);
            hidden = oracle.linear(path + ".fc2", hidden);
            hidden = dice ? oracle.dice(path + ".dice2", hidden) : Oracle.map(Oracle::relu, hidden);
            weights[i] = oracle.linear(path + ".out", hidden)[0];
        }
        weights = softmax ? Oracle.softmax(weights) : weights;
        double[] sum = new double[query.length];
        for (int i = 0; i < keys.length; i++) {
            Oracle.addTo(sum, weights[i], keys[i]);
        }
        return sum;
    }

    private static double[] joined(
            Oracle oracle, double[] x, double[] interest, boolean products, int row, String... sequences) {
        if (!products) {
            return Oracle.join(x, interest);
        }
        double[] query = oracle.candidate(row, sequences);
        double[][] keys = oracle.events(row, sequences);
        double[] first = new double[query.length];
        double[] second = new double[query.length];
        for (int i = 0; i < query.length; i++) {
            first[i] = interest[i] * query[i];
            for (double[] key : keys) {
                second[i] += key[i] * query[i] / keys.length;
            }
        }
        return Oracle.join(Oracle.join(x, interest), Oracle.join(first, second));
    }

    private static double[] activate(Oracle oracle, boolean dice, String path, double... x) {
        return dice ? oracle.dice(path + ".dice1", x) : Oracle.map(Oracle::relu, x);
    }

    private static DinConfig config(boolean softmax, boolean dice, Activation activation) {
        return config(softmax, dice, activation, /* products= */ false);
    }

    private static DinConfig config(boolean softmax, boolean dice, Activation activation, boolean products) {
        return new DinConfig(
                EMBEDDING,
                List.of(4, 3),
                softmax,
                products,
                List.of(5),
                dice,
                activation,
                0,
                Norm.NONE,
                Optional.empty());
    }

    /** Values for all parameters; a variance is positive. */
    private static void fill(Parameters parameters) {
        TestRows.fill(parameters);
        Random random = new Random(5);
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            parameters.buffers().forEach((name, tensor) -> {
                if (name.endsWith("running_var")) {
                    TestRows.set(
                            parameters,
                            name,
                            random.doubles(tensor.numel(), 0.1, 2).toArray());
                }
            });
        }
    }
}
