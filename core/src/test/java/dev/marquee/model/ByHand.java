package dev.marquee.model;

import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** The networks' formulas in plain loops over doubles. */
final class ByHand {
    private final TestRows rows;
    private final Parameters parameters;
    private final int row;

    ByHand(TestRows rows, Parameters parameters, int row) {
        this.rows = rows;
        this.parameters = parameters;
        this.row = row;
    }

    double[][] matrix(String name) {
        return TestRows.matrix(parameters, name);
    }

    double[] vector(String name) {
        double[][] matrix = matrix(name);
        double[] flat = new double[matrix.length * matrix[0].length];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = matrix[i / matrix[0].length][i % matrix[0].length];
        }
        return flat;
    }

    double[] numbers() {
        double[] numbers = new double[rows.layout().denseSize()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = rows.dense()[row][i];
        }
        return numbers;
    }

    /** {@code b + Σ w}. */
    double[] wide() {
        double[] logits = vector("bias").clone();
        for (double[] weight : rows.embeddings(parameters, "linear.", row)) {
            logits = add(logits, weight);
        }
        return rows.layout().denseSize() == 0 ? logits : add(logits, times(matrix("dense.weight"), numbers()));
    }

    /** The embeddings of ids, then those of numbers. */
    double[][] fields(boolean withNumbers) {
        List<double[]> fields = new ArrayList<>(List.of(rows.embeddings(parameters, "embedding.", row)));
        for (FeatureLayout.Dense number : withNumbers ? rows.layout().dense() : List.<FeatureLayout.Dense>of()) {
            double[][] weights = matrix("numbers.weight");
            double[] sum = new double[weights[0].length];
            for (int k = number.offset(); k < number.offset() + number.size(); k++) {
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += rows.dense()[row][k] * weights[k][i];
                }
            }
            fields.add(sum);
        }
        return fields.toArray(double[][]::new);
    }

    /** All pairs, one after the other. */
    static double pairs(double[][] fields) {
        double sum = 0;
        for (int i = 0; i < fields.length; i++) {
            for (int j = i + 1; j < fields.length; j++) {
                sum += dot(fields[i], fields[j]);
            }
        }
        return sum;
    }

    /** The embeddings and the numbers side by side. */
    double[] flat(DenseInput dense) {
        return dense == DenseInput.RAW ? join(join(fields(false)), numbers()) : join(fields(true));
    }

    /** {@code W x + b}. */
    double[] linear(String name, double[] x) {
        return add(times(matrix(name + ".weight"), x), vector(name + ".bias"));
    }

    /** Linear maps with ReLU after each. */
    double[] hidden(String prefix, int layers, double[] x) {
        double[] y = x;
        for (int i = 1; i <= layers; i++) {
            y = each(linear(prefix + "fc" + i, y), v -> Math.max(v, 0));
        }
        return y;
    }

    static double[] each(double[] x, DoubleUnaryOperator function) {
        return Arrays.stream(x).map(function).toArray();
    }

    static double dot(double[] a, double[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException(a.length + " and " + b.length + " values");
        }
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static double[] times(double[][] matrix, double[] x) {
        return Arrays.stream(matrix).mapToDouble(line -> dot(line, x)).toArray();
    }

    static double[] add(double[] a, double[] b) {
        double[] sum = a.clone();
        for (int i = 0; i < a.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }

    static double[] product(double[] a, double[] b) {
        double[] product = a.clone();
        for (int i = 0; i < a.length; i++) {
            product[i] *= b[i];
        }
        return product;
    }

    static double[] join(double[]... parts) {
        return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
    }

    static double[] softmax(double[] x) {
        double sum = Arrays.stream(x).map(Math::exp).sum();
        return each(x, v -> Math.exp(v) / sum);
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
