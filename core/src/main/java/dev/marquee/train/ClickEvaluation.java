package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.metric.Bootstrap;
import dev.marquee.metric.ClickMetrics;
import dev.marquee.metric.Interval;
import dev.marquee.metric.Resamples;
import dev.marquee.metric.Scale;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The measures of {@link ClickMetrics} for each label of the rows of a log. With one label they have their plain names,
 * {@code auc}; with several, {@code LABEL.auc}. Rows whose label is unknown are left out of that label's measures.
 *
 * <p>Exact up to a number of rows; beyond it in constant memory, without slices and intervals.
 */
final class ClickEvaluation implements Evaluation {
    /** Up to here all rows are held: 16 to 36 bytes each. */
    static final int EXACT_ROWS = 20_000_000;

    private static final double LEVEL = 0.95;
    private static final long BOOTSTRAP_SEED = 1;

    private final List<String> labels;
    private List<SliceEvaluation> slices;
    private final int resamples;
    private final long exactRows;
    private final List<Measures> measures = new ArrayList<>();
    private final CRC32C targetsSeen = new CRC32C();
    private long rows;

    /** What is measured of one label. */
    private static final class Measures {
        final ClickMetrics streaming = ClickMetrics.streaming(Scale.LOGIT);
        final Histogram histogram = new Histogram();

        @Nullable
        ClickMetrics exact = ClickMetrics.exact(Scale.LOGIT);

        @Nullable
        Bootstrap bootstrap = new Bootstrap(Scale.LOGIT, BOOTSTRAP_SEED);

        ClickMetrics metrics() {
            return exact == null ? streaming : exact;
        }

        void add(float logit, float target, float weight) {
            streaming.add(logit, target, weight);
            if (exact != null) {
                exact.add(logit, target, weight);
            }
            if (bootstrap != null) {
                bootstrap.add(logit, target, weight);
            }
        }

        void add(float logit, float target, float weight, long group) {
            streaming.add(logit, target, weight, group);
            if (exact != null) {
                exact.add(logit, target, weight, group);
            }
            if (bootstrap != null) {
                bootstrap.add(logit, target, weight, group);
            }
        }
    }

    ClickEvaluation(List<String> labels, List<SliceEvaluation> slices, int resamples) {
        this(labels, slices, resamples, EXACT_ROWS);
    }

    ClickEvaluation(List<String> labels, List<SliceEvaluation> slices, int resamples, long exactRows) {
        this.labels = List.copyOf(labels);
        this.slices = List.copyOf(slices);
        this.resamples = resamples;
        this.exactRows = exactRows;
        labels.forEach(label -> {
            Measures own = new Measures();
            if (resamples == 0) {
                own.bootstrap = null;
            }
            measures.add(own);
        });
    }

    @Override
    public void add(Tensor output, Batch batch) {
        float[] logits = Tensors.toFloats(output);
        float[] targets = Tensors.toFloats(batch.target());
        Tensor given = batch.weights();
        float[] weights = given == null ? null : Tensors.toFloats(given.to(DType.FLOAT32.scalarType()));
        add(logits, targets, weights, batch.groups());
        if (!slices.isEmpty()) {
            slice(logits, targets, weights, batch);
        }
    }

    /**
     * Adds rows.
     *
     * @param logits {@code [rows, labels]}
     * @param targets {@code [rows, labels]}, NaN where unknown
     */
    void add(float[] logits, float[] targets, float @Nullable [] weights, long @Nullable [] groups) {
        int columns = labels.size();
        int count = logits.length / columns;
        ByteBuffer bits = ByteBuffer.allocate(targets.length * Float.BYTES);
        bits.asFloatBuffer().put(targets);
        targetsSeen.update(bits);
        for (int label = 0; label < columns; label++) {
            Measures own = measures.get(label);
            for (int row = 0; row < count; row++) {
                float target = targets[row * columns + label];
                if (!Float.isNaN(target)) {
                    float weight = weights == null ? 1 : weights[row];
                    float logit = logits[row * columns + label];
                    own.histogram.add(logit, target == 1 ? 1 : 0);
                    if (groups == null) {
                        own.add(logit, target, weight);
                    } else {
                        own.add(logit, target, weight, groups[row]);
                    }
                }
            }
            ClickMetrics exact = own.exact;
            if (exact != null && exact.rows() > exactRows) {
                own.exact = null;
                own.bootstrap = null;
                slices = List.of();
            }
        }
        rows += count;
    }

    @Override
    public Map<String, Double> metrics() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        for (int i = 0; i < labels.size(); i++) {
            String prefix = prefix(i);
            measures.get(i).metrics().values().forEach((name, value) -> metrics.put(prefix + name, value));
        }
        return metrics;
    }

    @Override
    public Measured measured(Map<String, Double> metrics) {
        Map<String, String> undefined = new LinkedHashMap<>();
        Map<String, Interval> intervals = new LinkedHashMap<>();
        List<Measured.Curves> curves = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            String prefix = prefix(i);
            ClickMetrics all = measures.get(i).metrics();
            all.undefined().forEach((name, reason) -> undefined.put(prefix + name, reason));
            resamples(i)
                    .ifPresent(drawn ->
                            drawn.intervals(LEVEL).forEach((name, interval) -> intervals.put(prefix + name, interval)));
            curves.add(new Measured.Curves(
                    labels.get(i),
                    all.baseRate().orElse(Double.NaN),
                    all.undefined().containsKey("auc")
                            ? List.of()
                            : all.rocCurve().points(),
                    all.calibrationBins(),
                    measures.get(i).histogram.bins()));
        }
        List<Measured.Slice> parts =
                slices.stream().flatMap(slice -> slice.slices().stream()).toList();
        return new Measured(rows, metrics, undefined, intervals, parts, curves);
    }

    /** The labels, in order. */
    List<String> labels() {
        return labels;
    }

    /** The resamples of a label, where they were asked for and all rows are held. */
    Optional<Resamples> resamples(int label) {
        Bootstrap bootstrap = measures.get(label).bootstrap;
        return bootstrap == null || resamples == 0 ? Optional.empty() : Optional.of(bootstrap.run(resamples));
    }

    /** Whether some row had a label. */
    boolean labelled() {
        return measures.stream().anyMatch(own -> own.metrics().rows() > 0);
    }

    /** Differs when the labels of the rows, or their order, do. */
    long rowsHash() {
        return targetsSeen.getValue() ^ rows << Integer.SIZE;
    }

    private String prefix(int label) {
        return labels.size() == 1 ? "" : labels.get(label) + ".";
    }

    private void slice(float[] logits, float[] targets, float @Nullable [] weights, Batch batch) {
        int fields = (int) batch.input(Batch.IDS).size(1);
        int[] ids = new int[batch.size() * fields];
        Tensors.bytes(batch.input(Batch.IDS)).asIntBuffer().get(ids);
        for (int row = 0; row < batch.size(); row++) {
            float target = targets[row * labels.size()];
            if (!Float.isNaN(target)) {
                for (SliceEvaluation slice : slices) {
                    slice.add(
                            ids[row * fields + slice.field()],
                            logits[row * labels.size()],
                            target,
                            weights == null ? 1 : weights[row]);
                }
            }
        }
    }
}
