package dev.marquee.train;

import dev.marquee.metric.ClickMetrics;
import dev.marquee.metric.Scale;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The measures of the rows that share the value of a categorical feature, for the first label. */
final class SliceEvaluation {
    /** The largest slices that are told. */
    static final int MOST = 30;

    private static final List<String> TOLD =
            List.of("auc", "gauc", "log_loss", "normalized_entropy", "calibration", "expected_calibration_error");

    private final String feature;
    private final int field;
    private final FeatureSchema schema;
    private final Map<Integer, ClickMetrics> byId = new HashMap<>();

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
        byId.computeIfAbsent(id, some -> ClickMetrics.exact(Scale.LOGIT)).add(logit, target, weight);
    }

    /** The largest slices, the largest first. */
    List<Measured.Slice> slices() {
        List<Map.Entry<Integer, ClickMetrics>> entries = new ArrayList<>(byId.entrySet());
        entries.sort(Comparator.comparingLong((Map.Entry<Integer, ClickMetrics> entry) ->
                        -entry.getValue().rows())
                .thenComparing(Map.Entry::getKey));
        return entries.stream()
                .limit(MOST)
                .map(entry -> {
                    Map<String, Double> values =
                            new LinkedHashMap<>(entry.getValue().values());

                    values.keySet().retainAll(TOLD);
                    return new Measured.Slice(
                            feature,
                            schema.value(field, entry.getKey()),
                            entry.getValue().rows(),
                            values);
                })
                .toList();
    }
}
