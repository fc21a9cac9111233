package dev.marquee.export;

import dev.marquee.data.Batch;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.tensor.Gradients;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** Compares the scores of an exported network with the run's own, batch by batch and row by row. */
final class Parity {
    /** How many rows are looked at, unless there are fewer. */
    static final int ROWS = 1024;

    private final OpenRun run;
    private final RowInputs inputs;
    private double largest;
    private long rows;

    Parity(OpenRun run, Graph graph) {
        this.run = run;
        this.inputs = new RowInputs(
                graph, run.schema().map(FeatureSchema::layout), run.tables().ids());
    }

    /**
     * What was found.
     *
     * @param rows how many were compared
     * @param largest the largest difference of two probabilities; NaN where one is none
     * @param source where the rows are from
     */
    record Result(long rows, double largest, String source) {}

    /**
     * Compares.
     *
     * @param exported from the inputs of a graph to its probabilities
     * @param notices told about the data
     */
    Result measure(Function<Map<String, Tensor>, float[]> exported, Consumer<String> notices) {
        String source;
        try (Gradients.Guard off = Gradients.off()) {
            source = CheckedRows.each(run, ROWS, notices, batch -> {
                compare(batch, exported);
                // Other sizes of a batch: one row, and two.
                compare(batch.part(0, 1), exported);
                compare(batch.part(batch.size() / 2, Math.min(batch.size(), batch.size() / 2 + 2)), exported);
                rows += batch.size();
            });
        }
        return new Result(rows, largest, source);
    }

    private void compare(Batch batch, Function<Map<String, Tensor>, float[]> exported) {
        float[] own = run.probabilities(batch);
        float[] other = exported.apply(inputs.of(batch));
        if (own.length != other.length) {
            throw new IllegalStateException("the exported network gives " + other.length + " scores for " + batch.size()
                    + " rows, the run " + own.length);
        }
        for (int i = 0; i < own.length; i++) {
            double difference = Math.abs((double) own[i] - other[i]);
            largest = Double.isNaN(largest) || difference <= largest ? largest : difference;
        }
    }
}
