package dev.marquee.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.marquee.schema.BagFeature;
import dev.marquee.schema.CategoricalFeature;
import dev.marquee.schema.DenseFeature;
import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.schema.Ids;
import dev.marquee.schema.SequenceFeature;
import dev.marquee.serving.RankingRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/** Requests that are made up for a schema, of values that its vocabularies have: one user, many candidates. */
final class SampleRequests {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_BAG = 3;
    private static final long HASHED = 1_000_000_000L;

    /** What belongs to the user, or to the page that he looks at, in the simulated log. */
    private static final Set<String> SIMULATED =
            Set.of("age", "country", "device", "publisher", "hour", "weekday", "user_id");

    private final FeatureSchema schema;
    private final List<String> fields;
    private final int candidates;
    private final int history;
    private final SplittableRandom random;

    /**
     * @param candidates of each request
     * @param history how many events a user's history has
     */
    SampleRequests(FeatureSchema schema, int candidates, int history, long seed) {
        this.schema = schema;
        this.fields =
                schema.layout().fields().stream().map(FeatureLayout.Field::name).toList();
        this.candidates = candidates;
        this.history = history;
        this.random = new SplittableRandom(seed);
    }

    /** A request, by columns. */
    record Sample(Map<String, Object> user, List<Map<String, Object>> rows) {
        RankingRequest request() {
            return RankingRequest.of(user, rows);
        }

        /** The body of {@code POST /v1/models/NAME:rank}. */
        byte[] json() {
            try {
                return JSON.writeValueAsString(Map.of("user", user, "candidates", rows))
                        .getBytes(StandardCharsets.UTF_8);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    Sample next() {
        Map<String, Object> user = new LinkedHashMap<>();
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < candidates; i++) {
            rows.add(new LinkedHashMap<>());
        }
        for (FeatureConfig feature : schema.config().features()) {
            List<String> columns = schema.config().columnsOf(feature);
            for (String column : columns) {
                if (user.containsKey(column) || rows.get(0).containsKey(column)) {
                    continue;
                }
                if (ofUser(feature, column)) {
                    user.put(column, value(feature, columns.size() > 1));
                } else {
                    rows.forEach(row -> row.put(column, value(feature, columns.size() > 1)));
                }
            }
        }
        return new Sample(user, rows);
    }

    private boolean ofUser(FeatureConfig feature, String column) {
        return column.startsWith("user")
                || schema.config().group().filter(column::equals).isPresent()
                || (feature instanceof SequenceFeature sequence
                        && sequence.target().isPresent())
                || SIMULATED.contains(column);
    }

    private Object value(FeatureConfig feature, boolean single) {
        if (feature instanceof DenseFeature) {
            return random.nextInt(1000) / 10.0;
        }
        if (feature instanceof CategoricalFeature) {
            return text(feature.name());
        }
        if (single) {
            return String.valueOf(random.nextLong(HASHED));
        }
        int length = feature instanceof BagFeature ? 1 + random.nextInt(LONGEST_BAG) : history;
        Optional<String> target = feature instanceof SequenceFeature sequence ? sequence.target() : Optional.empty();
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            list.add(target.map(this::text).orElseGet(() -> String.valueOf(random.nextLong(HASHED))));
        }
        return list;
    }

    /** A value of a field's vocabulary; any number where ids have no text of their own. */
    private String text(String field) {
        int position = fields.indexOf(field);
        FeatureLayout.Table table = schema.layout()
                .tables()
                .get(schema.layout().fields().get(position).table());
        if (table.growing().isEmpty() && table.rows() > Ids.FIRST) {
            String text = schema.value(position, Ids.FIRST + random.nextInt(table.rows() - Ids.FIRST));
            if (!text.startsWith("(")) {
                return text;
            }
        }
        return String.valueOf(random.nextLong(HASHED));
    }
}
