package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.nn.Activation;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BstTest {
    private static final int HEADS = 2;

    @ParameterizedTest
    @CsvSource({"CANDIDATE, 1", "CANDIDATE, 2", "ALL, 1", "ALL, 2"})
    void forward_isThePapersFormula(BstConfig.Tokens tokens, int blocks) {
        TestRows rows = Oracle.twoHistories(2);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = config(tokens, blocks, Activation.LEAKY_RELU).create(parameters.root(), rows.layout());
            TestRows.fill(parameters);
            double[] logits = Tensors.toDoubles(model.forward(rows.batch(), Mode.EVALUATION));
            Oracle oracle = new Oracle(rows, parameters);
            for (int row = 0; row < rows.size(); row++) {
                double[] x = oracle.besideHistories(row);
                x = Oracle.join(x, transform(oracle, tokens, blocks, 4, row, "seen", "seen_ads", "seen_topics"));
                x = Oracle.join(x, transform(oracle, tokens, blocks, 3, row, "bought", "bought_ads"));
                double[] hidden = Oracle.map(Oracle::leaky, oracle.linear("perceptron.fc1", x));
                double[] expected = oracle.linear("perceptron.out", hidden);
                assertThat(Arrays.copyOfRange(logits, 2 * row, 2 * row + 2)).containsExactly(expected, within(1e-10));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(BstConfig.Tokens.class)
    void forward_theSameRowInAnotherBatch_hasTheSameScore(BstConfig.Tokens tokens) {
        TestRows rows = Oracle.twoHistories(1);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = config(tokens, 2, Activation.LEAKY_RELU).create(parameters.root(), rows.layout());
            TestRows.fill(parameters);
            double[] together = Tensors.toDoubles(model.forward(rows.batch(), Mode.EVALUATION));
            for (int row = 0; row < rows.size(); row++) {
                double[] alone =
                        Tensors.toDoubles(model.forward(alone(rows, row).batch(), Mode.EVALUATION));
                assertThat(alone[0]).isEqualTo(together[row], within(1e-12));
            }
        }
    }

    @Test
    void forward_historyInAnotherOrder_changesTheScoresBecauseOfThePositions() {
        TestRows rows = Oracle.twoHistories(1);
        Map<String, int[][]> lists = new HashMap<>(rows.lists());
        lists.put("bought_ads", new int[][] {{7, 0}, {6, 4}, {0, 0}, {3, 0}});
        TestRows other = new TestRows(rows.layout(), rows.dense(), rows.ids(), lists, rows.target());
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = config(BstConfig.Tokens.CANDIDATE, 1, Activation.LEAKY_RELU)
                    .create(parameters.root(), rows.layout());
            TestRows.fill(parameters);
            double[] before = Tensors.toDoubles(model.forward(rows.batch(), Mode.EVALUATION));
            double[] after = Tensors.toDoubles(model.forward(other.batch(), Mode.EVALUATION));
            assertThat(after[0]).isEqualTo(before[0]);
            assertThat(after[1]).isNotCloseTo(before[1], within(1e-4));
        }
    }

    @ParameterizedTest
    @EnumSource(BstConfig.Tokens.class)
    void gradients_agreeWithFiniteDifferences(BstConfig.Tokens tokens) {
        ModelChecks.assertGradients(config(tokens, 2, Activation.TANH), Oracle.twoHistories(1));
    }

    @Test
    void create_headsThatDoNotDivideAnEvent_isRefused() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            BstConfig three = new BstConfig(
                    new EmbeddingConfig(4, 0.1, 0),
                    3,
                    1,
                    5,
                    BstConfig.Tokens.CANDIDATE,
                    List.of(3),
                    Activation.RELU,
                    0,
                    Norm.NONE,
                    Optional.empty());
            assertThatThrownBy(() -> three.create(
                            parameters.root(), Oracle.twoHistories(1).layout()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "bst cannot cut the 8 values of an event of \"seen\" (2 sequences, embeddings of 4) into"
                                    + " 3 equal heads: change heads or embedding.size");
        }
    }

    /** One history by hand: tokens, blocks, and what of them the perceptron sees. */
    private static double[] transform(
            Oracle oracle,
            BstConfig.Tokens wanted,
            int blocks,
            int maximumLength,
            int row,
            String history,
            String... sequences) {
        String path = "history." + history;
        double[][] positions = oracle.matrix(path + ".positions");
        double[][] events = oracle.events(row, sequences);
        int length = events.length;
        double[][] tokens = new double[length + 1][];
        for (int i = 0; i < length; i++) {
            tokens[i] = Oracle.add(events[i], positions[length - i]);
        }
        tokens[length] = Oracle.add(oracle.candidate(row, sequences), positions[0]);
        for (int block = 1; block <= blocks; block++) {
            tokens = block(oracle, path + ".block" + block, tokens);
        }
        double[] seen = tokens[length];
        if (wanted == BstConfig.Tokens.ALL) {
            for (int age = 1; age <= maximumLength; age++) {
                seen = Oracle.join(seen, age <= length ? tokens[length - age] : new double[tokens[0].length]);
            }
        }
        return seen;
    }

    private static double[][] block(Oracle oracle, String path, double[][] tokens) {
        double[][] result = new double[tokens.length][];
        int size = tokens[0].length / HEADS;
        for (int i = 0; i < tokens.length; i++) {
            double[] heads = {};
            for (int head = 0; head < HEADS; head++) {
                double[] query = slice(oracle.linear(path + ".attention.W_query", tokens[i]), head, size);
                double[] products = new double[tokens.length];
                for (int j = 0; j < tokens.length; j++) {
                    double[] key = slice(oracle.linear(path + ".attention.W_key", tokens[j]), head, size);
                    products[j] = Oracle.dot(query, key) / Math.sqrt(size);
                }
                double[] scores = Oracle.softmax(products);
                double[] mean = new double[size];
                for (int j = 0; j < tokens.length; j++) {
                    double[] value = slice(oracle.linear(path + ".attention.W_value", tokens[j]), head, size);
                    Oracle.addTo(mean, scores[j], value);
                }
                heads = Oracle.join(heads, mean);
            }
            double[] attended = Oracle.add(tokens[i], oracle.linear(path + ".attention.W_out", heads));
            double[] x = oracle.layerNorm(path + ".attention_norm", attended);
            double[] inner = Oracle.map(Oracle::leaky, oracle.linear(path + ".inner", x));
            result[i] = oracle.layerNorm(path + ".norm", Oracle.add(x, oracle.linear(path + ".outer", inner)));
        }
        return result;
    }

    private static double[] slice(double[] all, int head, int size) {
        return Arrays.copyOfRange(all, head * size, (head + 1) * size);
    }

    /** A row on its own, its lists no longer than they must be. */
    private static TestRows alone(TestRows rows, int row) {
        Map<String, int[][]> lists = new HashMap<>();
        rows.lists().forEach((name, lines) -> {
            int length = 1;
            while (length < lines[row].length && lines[row][length] != 0) {
                length++;
            }
            lists.put(name, new int[][] {Arrays.copyOf(lines[row], length)});
        });
        return new TestRows(
                rows.layout(), new float[][] {rows.dense()[row]}, new int[][] {rows.ids()[row]}, lists, new float[][] {
                    rows.target()[row]
                });
    }

    private static BstConfig config(BstConfig.Tokens tokens, int blocks, Activation activation) {
        return new BstConfig(
                new EmbeddingConfig(4, 0.5, 0),
                HEADS,
                blocks,
                5,
                tokens,
                List.of(3),
                activation,
                0,
                Norm.NONE,
                Optional.empty());
    }
}
