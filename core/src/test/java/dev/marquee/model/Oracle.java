package dev.marquee.model;

import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/** Networks by hand: plain loops over arrays, with the values that the parameters have. */
final class Oracle {
    private final TestRows rows;
    private final Parameters parameters;

    Oracle(TestRows rows, Parameters parameters) {
        this.rows = rows;
        this.parameters = parameters;
    }

    /**
     * The rows of {@link TestRows#full}, with a second history, which is empty in another row, and a sequence that is
     * compared with nothing.
     */
    static TestRows twoHistories(int labels) {
        TestRows full = TestRows.full().withLabels(labels);
        FeatureLayout layout = full.layout();
        List<FeatureLayout.Sequence> sequences = new ArrayList<>(layout.sequences());
        sequences.add(new FeatureLayout.Sequence("searches", 3, 2, -1, "seen"));
        sequences.add(new FeatureLayout.Sequence("bought_ads", 1, 3, 1, "bought"));
        Map<String, int[][]> lists = new HashMap<>(full.lists());
        lists.put("searches", new int[][] {{3, 0}, {0, 0}, {5, 4}, {2, 2}});
        lists.put("bought_ads", new int[][] {{7, 0}, {4, 6}, {0, 0}, {3, 0}});
        return new TestRows(
                new FeatureLayout(
                        layout.dense(), layout.tables(), layout.fields(), layout.bags(), sequences, layout.labels()),
                full.dense(),
                full.ids(),
                lists,
                full.target());
    }

    /** Everything but the sequences that have a target. */
    double[] besideHistories(int row) {
        double[][] all = rows.embeddings(parameters, "embedding.", row);
        double[] joined = {};
        int before = rows.layout().fields().size() + rows.layout().bags().size();
        for (int i = 0; i < all.length; i++) {
            if (i < before || rows.layout().sequences().get(i - before).target() < 0) {
                joined = join(joined, all[i]);
            }
        }
        return join(joined, numbers(row));
    }

    /** Everything. */
    double[] all(int row) {
        double[] joined = {};
        for (double[] embedding : rows.embeddings(parameters, "embedding.", row)) {
            joined = join(joined, embedding);
        }
        return join(joined, numbers(row));
    }

    /** The events of a row that the named sequences, side by side, hold: {@code [events][width]}. */
    double[][] events(int row, String... names) {
        double[][] events = null;
        for (String name : names) {
            double[][] one =
                    rows.sequence(parameters, "embedding.", sequence(name).table(), name, row);
            if (events == null) {
                events = one;
            } else {
                for (int i = 0; i < events.length; i++) {
                    events[i] = join(events[i], one[i]);
                }
            }
        }
        return events;
    }

    /** The candidate of a row that the named sequences are compared with. */
    double[] candidate(int row, String... names) {
        double[] joined = {};
        for (String name : names) {
            FeatureLayout.Sequence sequence = sequence(name);
            int id = rows.ids()[row][sequence.target()];
            joined = join(joined, rows.embedding(parameters, "embedding.", sequence.table(), id));
        }
        return joined;
    }

    double[] numbers(int row) {
        double[] numbers = new double[rows.layout().denseSize()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = rows.dense()[row][i];
        }
        return numbers;
    }

    /** {@code W x + b}, without b where there is none. */
    double[] linear(String path, double... x) {
        double[] bias = parameters.state().containsKey(path + ".bias") ? vector(path + ".bias") : null;
        return linear(TestRows.matrix(parameters, path + ".weight"), bias, x);
    }

    /** The map of one of several perceptrons. */
    double[] linearOf(int which, String path, double... x) {
        double[][] weights = TestRows.matrix(parameters, path + ".weight");
        double[][] biases = TestRows.matrix(parameters, path + ".bias");
        int outputs = biases[0].length;
        return linear(Arrays.copyOfRange(weights, which * outputs, (which + 1) * outputs), biases[which], x);
    }

    double[] vector(String name) {
        return TestRows.matrix(parameters, name)[0];
    }

    double[][] matrix(String name) {
        return TestRows.matrix(parameters, name);
    }

    /** Dice by its running statistics. */
    double[] dice(String path, double... s) {
        double[] result = new double[s.length];
        for (int i = 0; i < s.length; i++) {
            double deviation = Math.sqrt(vector(path + ".running_var")[i] + 1e-8);
            double p = sigmoid((s[i] - vector(path + ".running_mean")[i]) / deviation);
            result[i] = p * s[i] + (1 - p) * vector(path + ".alpha")[i] * s[i];
        }
        return result;
    }

    double[] layerNorm(String path, double... x) {
        double mean = Arrays.stream(x).average().orElseThrow();
        double variance =
                Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
        double[] result = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            result[i] = (x[i] - mean) / Math.sqrt(variance + 1e-5) * vector(path + ".weight")[i]
                    + vector(path + ".bias")[i];
        }
        return result;
    }

    static double[] linear(double[][] weight, double[] bias, double... x) {
        double[] y = new double[weight.length];
        for (int i = 0; i < y.length; i++) {
            if (weight[i].length != x.length) {
                throw new IllegalArgumentException(weight[i].length + " weights for " + x.length + " values");
            }
            y[i] = (bias == null ? 0 : bias[i]) + dot(weight[i], x);
        }
        return y;
    }

    static double dot(double[] a, double... b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static double[] map(DoubleUnaryOperator function, double... x) {
        return Arrays.stream(x).map(function).toArray();
    }

    static double leaky(double x) {
        return x > 0 ? x : 0.01 * x;
    }

    static double relu(double x) {
        return Math.max(x, 0);
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    static double[] softmax(double... x) {
        double sum = Arrays.stream(x).map(Math::exp).sum();
        return map(value -> Math.exp(value) / sum, x);
    }

    static double[] join(double[] a, double... b) {
        double[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    static double[] add(double[] a, double... b) {
        double[] sum = a.clone();
        addTo(sum, 1, b);
        return sum;
    }

    static void addTo(double[] sum, double weight, double... x) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += weight * x[i];
        }
    }

    private FeatureLayout.Sequence sequence(String name) {
        return rows.layout().sequences().stream()
                .filter(some -> some.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
