package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.data.Batch;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** What every ranking network must fulfil. */
final class ModelChecks {
    private static final double STEP = 1e-6;
    /** At most so many values of a parameter are moved; the others are like them. */
    private static final int MOVED = 12;

    private ModelChecks() {}

    /** The logits of rows in evaluation, with the values of {@link TestRows#fill}. */
    static double[] logits(RankingModelConfig config, TestRows rows) {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = config.create(parameters.root(), rows.layout());
            TestRows.fill(parameters);
            return Tensors.toDoubles(model.forward(rows.batch(), Mode.EVALUATION));
        }
    }

    /** Checks the logits of every row against a formula. */
    static void assertLogits(RankingModelConfig config, TestRows rows, Formula formula) {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = config.create(parameters.root(), rows.layout());
            TestRows.fill(parameters);
            int labels = rows.layout().labels().size();
            Tensor logits = model.forward(rows.batch(), Mode.EVALUATION);
            assertThat(Tensors.shape(logits)).containsExactly(rows.size(), labels);
            double[] values = Tensors.toDoubles(logits);
            for (int row = 0; row < rows.size(); row++) {
                double[] expected = formula.logits(parameters, row);
                assertThat(expected).hasSize(labels);
                for (int label = 0; label < labels; label++) {
                    assertThat(values[row * labels + label])
                            .as("row %d, label %d", row, label)
                            .isCloseTo(expected[label], within(1e-10));
                }
            }
        }
    }

    /** The logits of a row, worked out by hand. */
    interface Formula {
        double[] logits(Parameters parameters, int row);
    }

    /**
     * Checks the gradient of a weighted sum of the logits by finite differences, and that of the tables only the rows that
     * the batch names were gathered.
     */
    static void assertGradients(RankingModelConfig config, TestRows rows) {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = config.create(parameters.root(), rows.layout());
            TestRows.fill(parameters);
            Batch batch = rows.batch();
            weighted(model, batch).backward();
            for (Map.Entry<String, Tensor> parameter : parameters.trainable().entrySet()) {
                double[] gradient = Tensors.toDoubles(parameter.getValue().grad());
                long stride = Math.max(1, gradient.length / MOVED);
                LongStream.range(0, gradient.length)
                        .filter(i -> i % stride == 0)
                        .forEach(i -> assertSlope(
                                model, batch, parameter.getValue(), i, gradient[(int) i], parameter.getKey()));
            }
            for (EmbeddingTable table : parameters.tables()) {
                EmbeddingTable.Use use = table.uses().get(0);
                assertRows(model, batch, table, use);
                Set<Long> gathered = new HashSet<>();
                LongStream.of(Tensors.toLongs(use.ids().rows())).forEach(gathered::add);
                assertThat(gathered).isEqualTo(used(rows));
            }
        }
    }

    private static void assertRows(Model model, Batch batch, EmbeddingTable table, EmbeddingTable.Use use) {
        long[] distinct = Tensors.toLongs(use.ids().rows());
        double[] gradient = Tensors.toDoubles(use.rows().grad());
        int width = gradient.length / distinct.length;
        for (int i = 1; i < distinct.length; i++) { // the first is padding
            assertSlope(
                    model, batch, table.weight(), distinct[i] * width, gradient[i * width], table.name() + distinct[i]);
        }
    }

    private static void assertSlope(
            Model model, Batch batch, Tensor tensor, long position, double gradient, String name) {
        try (Scope scope = Scope.open()) {
            double[] values = Tensors.toDoubles(tensor);
            double middle = values[(int) position];
            values[(int) position] = middle + STEP;
            double above = moved(model, batch, tensor, values);
            values[(int) position] = middle - STEP;
            double below = moved(model, batch, tensor, values);
            values[(int) position] = middle;
            copy(tensor, values);
            assertThat((above - below) / (2 * STEP))
                    .as("%s, value %d", name, position)
                    .isCloseTo(gradient, within(1e-6 * Math.max(1, Math.abs(gradient))));
        }
    }

    private static double moved(Model model, Batch batch, Tensor tensor, double[] values) {
        copy(tensor, values);
        return weighted(model, batch).item_double();
    }

    private static void copy(Tensor tensor, double[] values) {
        try (Gradients.Guard off = Gradients.off()) {
            tensor.copy_(Tensors.of(values, Tensors.shape(tensor)));
        }
    }

    /** A sum in which every logit has a weight of its own. */
    private static Tensor weighted(Model model, Batch batch) {
        Tensor logits = model.forward(batch, Mode.TRAINING);
        double[] weights = new double[(int) logits.numel()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = 1 + 0.37 * i;
        }
        return logits.mul(Tensors.of(weights, Tensors.shape(logits))).sum();
    }

    /** The rows that the batch names among all tables, that of padding included. */
    private static Set<Long> used(TestRows rows) {
        FeatureLayout layout = rows.layout();
        Set<Long> used = new HashSet<>(List.of(0L));
        for (int i = 0; i < layout.fields().size(); i++) {
            for (int[] ids : rows.ids()) {
                used.add(offset(layout, layout.fields().get(i).table()) + ids[i]);
            }
        }
        layout.bags().forEach(bag -> addAll(used, rows.lists().get(bag.name()), offset(layout, bag.table())));
        layout.sequences()
                .forEach(sequence -> addAll(used, rows.lists().get(sequence.name()), offset(layout, sequence.table())));
        return used;
    }

    private static void addAll(Set<Long> used, int[][] lists, long offset) {
        for (int[] ids : lists) {
            for (int id : ids) {
                if (id != 0) {
                    used.add(offset + id);
                }
            }
        }
    }

    private static long offset(FeatureLayout layout, int table) {
        return layout.tables().stream()
                .limit(table)
                .mapToLong(FeatureLayout.Table::rows)
                .sum();
    }
}
