package dev.marquee.train;

import dev.marquee.metric.ClickMetrics;
import dev.marquee.metric.Scale;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The measures of the rows that share the value of a categorical feature, for the first label. */
final class SliceEvaluation {
    /** The largest slices that are told. */
    static final int MOST = 30;

    private static final int FIRST = 1 << 10;

    private static final List<String> TOLD =
            List.of("auc", "gauc", "log_loss", "normalized_entropy", "calibration", "expected_calibration_error");

    private final String feature;
    private final int field;
    private final FeatureSchema schema;
    // The rows as they came; which slices are the largest is known at the end only, and there may be millions of them.
    private int[] ids = new int[FIRST];
    private float[] logits = new float[FIRST];
    private float[] targets = new float[FIRST];
    private float[] weights = new float[FIRST];
    private int rows;

    private SliceEvaluation(String feature, int field, FeatureSchema schema) {
        this.feature = feature;
        this.field = field;
        this.schema = schema;
    }

    /**
     * For a feature.
     *
     * @throws IllegalArgumentException when it is not a categorical one
     */
    static SliceEvaluation of(String feature, FeatureSchema schema) {
        List<String> names =
                schema.layout().fields().stream().map(FeatureLayout.Field::name).toList();
        int field = names.indexOf(feature);
        if (field < 0) {
            throw new IllegalArgumentException("there is no categorical feature \"" + feature
                    + "\" to slice by; there are " + String.join(", ", names));
        }
        return new SliceEvaluation(feature, field, schema);
    }

    int field() {
        return field;
    }

    void add(int id, float logit, float target, float weight) {
        if (rows == ids.length) {
            int room = 2 * rows;
            ids = Arrays.copyOf(ids, room);
            logits = Arrays.copyOf(logits, room);
            targets = Arrays.copyOf(targets, room);
            weights = Arrays.copyOf(weights, room);
        }
        ids[rows] = id;
        logits[rows] = logit;
        targets[rows] = target;
        weights[rows] = weight;
        rows++;
    }

    /** The largest slices, the largest first. */
    List<Measured.Slice> slices() {
        Map<Integer, Integer> counts = new HashMap<>();
        for (int row = 0; row < rows; row++) {
            counts.merge(ids[row], 1, Integer::sum);
        }
        Map<Integer, ClickMetrics> largest = new LinkedHashMap<>();
        counts.entrySet().stream()
                .sorted(Map.Entry.<Integer, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(MOST)
                .forEach(entry -> largest.put(entry.getKey(), ClickMetrics.exact(Scale.LOGIT)));
        for (int row = 0; row < rows; row++) {
            ClickMetrics metrics = largest.get(ids[row]);
            if (metrics != null) {
                metrics.add(logits[row], targets[row], weights[row]);
            }
        }
        List<Measured.Slice> slices = new ArrayList<>();
        largest.forEach((id, metrics) -> {
            Map<String, Double> values = new LinkedHashMap<>(metrics.values());
            values.keySet().retainAll(TOLD);
            slices.add(new Measured.Slice(feature, schema.value(field, id), metrics.rows(), values));
        });
        return slices;
    }
}
