package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.data.Batch;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.FiniteDifferences;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** What every ranking network must fulfil. */
final class ModelChecks {
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

    /** Checks the gradients by finite differences, and that of the tables only the rows that the batch names are read. */
    static void assertGradients(RankingModelConfig config, TestRows rows) {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = config.create(parameters.root(), rows.layout());
            TestRows.fill(parameters);
            Batch batch = rows.batch();
            FiniteDifferences.check(parameters, () -> model.forward(batch, Mode.TRAINING));
            model.forward(batch, Mode.TRAINING);
            for (EmbeddingTable table : parameters.tables()) {
                Set<Long> gathered = new HashSet<>();
                long[] read = Tensors.toLongs(table.uses().get(0).ids().rows());
                LongStream.of(read).forEach(gathered::add);
                assertThat(gathered).isEqualTo(used(rows));
            }
        }
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
