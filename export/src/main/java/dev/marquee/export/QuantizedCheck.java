package dev.marquee.export;

import dev.marquee.data.Batch;
import dev.marquee.metric.ClickMetrics;
import dev.marquee.metric.Scale;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/** What int8 costs and gives: the same validation rows through the exact and the quantised file, in turns. */
final class QuantizedCheck {
    private static final int MOST_ROWS = 1_000_000;
    private static final int ROWS_A_REQUEST = 200;
    private static final int TURNS = 41;

    private final OpenRun run;
    private final OnnxSession exact;
    private final OnnxSession bytes;
    private final RowInputs inputs;
    private final Quality before;
    private final Quality after;

    QuantizedCheck(OpenRun run, Graph graph, OnnxSession exact, OnnxSession bytes) {
        this.run = run;
        this.exact = exact;
        this.bytes = bytes;
        this.inputs = new RowInputs(
                graph, run.schema().map(FeatureSchema::layout), run.tables().ids());
        boolean pictures = run.schema().isEmpty();
        this.before = pictures ? new OfClasses() : new OfLabels(run.labels().size());
        this.after = pictures ? new OfClasses() : new OfLabels(run.labels().size());
    }

    /** Measures both. */
    ExportReport.Quantized measure(long floatBytes, long int8Bytes, Consumer<String> notices) {
        double[][] times = new double[2][];
        long[] rows = new long[1];
        String source = CheckedRows.each(run, MOST_ROWS, notices, batch -> {
            if (times[0] == null) {
                time(inputs.of(batch.part(0, Math.min(ROWS_A_REQUEST, batch.size()))), times);
            }
            Map<String, Tensor> given = inputs.of(batch);
            before.add(exact.run(given, Exporter.PROBABILITIES), batch);
            after.add(bytes.run(given, Exporter.PROBABILITIES), batch);
            rows[0] += batch.size();
        });
        if (!before.measured()) {
            throw new IllegalStateException("int8 cannot be judged without labelled validation rows (" + source
                    + "): export without --quantize, or bring the data back");
        }
        return new ExportReport.Quantized(
                rows[0],
                floatBytes,
                int8Bytes,
                median(times[0]),
                median(times[1]),
                before.name(),
                before.ranking(),
                after.ranking(),
                before.loss(),
                after.loss());
    }

    private void time(Map<String, Tensor> given, double[][] times) {
        times[0] = new double[TURNS];
        times[1] = new double[TURNS];
        OnnxSession[] both = {exact, bytes};
        for (int turn = -3; turn < TURNS; turn++) {
            for (int i = 0; i < both.length; i++) {
                long start = System.nanoTime();
                both[i].run(given, Exporter.PROBABILITIES);
                if (turn >= 0) {
                    times[i][turn] = (System.nanoTime() - start) / 1e6;
                }
            }
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** How good probabilities are. */
    private interface Quality {
        void add(float[] probabilities, Batch batch);

        boolean measured();

        String name();

        double ranking();

        double loss();
    }

    /** Of the first label of rows. */
    private static final class OfLabels implements Quality {
        private final ClickMetrics metrics = ClickMetrics.exact(Scale.PROBABILITY);
        private final int labels;

        OfLabels(int labels) {
            this.labels = labels;
        }

        @Override
        public void add(float[] probabilities, Batch batch) {
            float[] targets = Tensors.toFloats(batch.target());
            Tensor given = batch.weights();
            float[] weights = given == null ? null : Tensors.toFloats(given.to(DType.FLOAT32.scalarType()));
            for (int row = 0; row < batch.size(); row++) {
                float target = targets[row * labels];
                if (!Float.isNaN(target)) {
                    metrics.add(probabilities[row * labels], target, weights == null ? 1 : weights[row]);
                }
            }
        }

        @Override
        public boolean measured() {
            return metrics.values().containsKey("auc");
        }

        @Override
        public String name() {
            return "auc";
        }

        @Override
        public double ranking() {
            return metrics.values().getOrDefault("auc", Double.NaN);
        }

        @Override
        public double loss() {
            return metrics.values().getOrDefault("log_loss", Double.NaN);
        }
    }

    /** Of pictures' classes. */
    private static final class OfClasses implements Quality {
        private long rows;
        private long right;
        private double loss;

        @Override
        public void add(float[] probabilities, Batch batch) {
            long[] targets = Tensors.toLongs(batch.target());
            int classes = probabilities.length / batch.size();
            for (int row = 0; row < batch.size(); row++) {
                int best = 0;
                for (int i = 1; i < classes; i++) {
                    best = probabilities[row * classes + i] > probabilities[row * classes + best] ? i : best;
                }
                right += best == targets[row] ? 1 : 0;
                loss -= Math.log(Math.max(1e-30, probabilities[row * classes + (int) targets[row]]));
                rows++;
            }
        }

        @Override
        public boolean measured() {
            return rows > 0;
        }

        @Override
        public String name() {
            return "accuracy";
        }

        @Override
        public double ranking() {
            return (double) right / rows;
        }

        @Override
        public double loss() {
            return loss / rows;
        }
    }
}
