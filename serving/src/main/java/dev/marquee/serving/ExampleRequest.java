package dev.marquee.serving;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.marquee.schema.CategoricalFeature;
import dev.marquee.schema.DenseFeature;
import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.schema.Ids;
import dev.marquee.schema.SequenceFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request that a schema can encode, with values that its vocabularies have: two candidates, and what looks like the
 * user's apart.
 */
public final class ExampleRequest {
    private static final int CANDIDATES = 2;

    private final FeatureSchema schema;
    private final List<String> fields;

    private ExampleRequest(FeatureSchema schema) {
        this.schema = schema;
        this.fields =
                schema.layout().fields().stream().map(FeatureLayout.Field::name).toList();
    }

    /**
     * The request as JSON.
     *
     * @param schema of the model
     * @return the body of {@code POST /v1/models/NAME:rank}
     */
    public static String json(FeatureSchema schema) {
        return new String(Exchange.bytes(new ExampleRequest(schema)::write), StandardCharsets.UTF_8);
    }

    private void write(JsonGenerator out) throws IOException {
        Map<String, FeatureConfig> user = new LinkedHashMap<>();
        Map<String, FeatureConfig> candidates = new LinkedHashMap<>();
        for (FeatureConfig feature : schema.config().features()) {
            List<String> columns = schema.config().columnsOf(feature);
            boolean group = schema.config().group().filter(columns::contains).isPresent();
            boolean history = feature instanceof SequenceFeature sequence
                    && sequence.target().isPresent();
            for (String column : columns) {
                boolean named = column.startsWith("user");
                if (!user.containsKey(column) && !candidates.containsKey(column)) {
                    (group || history || named ? user : candidates).put(column, feature);
                }
            }
        }
        out.writeObjectFieldStart("user");
        row(out, user, 0);
        out.writeEndObject();
        out.writeArrayFieldStart("candidates");
        for (int i = 0; i < CANDIDATES; i++) {
            out.writeStartObject();
            row(out, candidates, i);
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private void row(JsonGenerator out, Map<String, FeatureConfig> columns, int candidate) throws IOException {
        for (Map.Entry<String, FeatureConfig> column : columns.entrySet()) {
            out.writeFieldName(column.getKey());
            FeatureConfig feature = column.getValue();
            if (feature instanceof DenseFeature) {
                out.writeNumber(1 + candidate);
            } else if (feature instanceof CategoricalFeature) {
                out.writeString(value(feature.name(), candidate).orElse("1"));
            } else {
                list(out, feature, schema.config().columnsOf(feature).size() > 1);
            }
        }
    }

    private void list(JsonGenerator out, FeatureConfig feature, boolean single) throws IOException {
        Optional<String> known = feature instanceof SequenceFeature sequence
                ? sequence.target().flatMap(target -> value(target, 0))
                : Optional.empty();
        if (single) {
            out.writeString(known.orElse(""));
            return;
        }
        out.writeStartArray();
        if (known.isPresent()) {
            out.writeString(known.get());
        }
        out.writeEndArray();
    }

    /** A value of a field's vocabulary; empty where ids have no text of their own, or there are none. */
    private Optional<String> value(String field, int which) {
        int position = fields.indexOf(field);
        if (position < 0) {
            return Optional.empty();
        }
        FeatureLayout.Table table = schema.layout()
                .tables()
                .get(schema.layout().fields().get(position).table());
        int id = Math.min(Ids.FIRST + which, table.rows() - 1);
        if (id < Ids.FIRST || table.growing().isPresent()) {
            return Optional.empty();
        }
        String text = schema.value(position, id);
        return text.startsWith("(") ? Optional.empty() : Optional.of(text);
    }
}
