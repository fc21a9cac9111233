package dev.marquee.serving;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.marquee.schema.CategoricalFeature;
import dev.marquee.schema.DenseFeature;
import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.FeatureSchema;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of the Open Inference Protocol that a schema's columns are.
 *
 * @param datatypes by column, what is told of it: FP32 of numbers, BYTES of all else
 * @param listColumns those with a list a row
 * @param labels the outputs
 */
record InferTensors(Map<String, String> datatypes, Set<String> listColumns, List<String> labels) {
    static InferTensors of(FeatureSchema schema, List<String> labels) {
        Map<String, String> datatypes = new LinkedHashMap<>();
        Set<String> lists = new LinkedHashSet<>();
        for (FeatureConfig feature : schema.config().features()) {
            List<String> columns = schema.config().columnsOf(feature);
            for (String column : columns) {
                datatypes.merge(
                        column,
                        feature instanceof DenseFeature ? "FP32" : "BYTES",
                        (a, b) -> a.equals(b) ? a : "BYTES");
            }
            if (!(feature instanceof DenseFeature || feature instanceof CategoricalFeature) && columns.size() == 1) {
                lists.addAll(columns);
            }
        }
        return new InferTensors(datatypes, lists, labels);
    }

    void write(JsonGenerator out) throws IOException {
        out.writeArrayFieldStart("inputs");
        for (Map.Entry<String, String> input : datatypes.entrySet()) {
            tensor(out, input.getKey(), input.getValue(), listColumns.contains(input.getKey()));
        }
        out.writeEndArray();
        out.writeArrayFieldStart("outputs");
        for (String label : labels) {
            tensor(out, label, "FP32", false);
        }
        out.writeEndArray();
    }

    private static void tensor(JsonGenerator out, String name, String datatype, boolean list) throws IOException {
        out.writeStartObject();
        out.writeStringField("name", name);
        out.writeStringField("datatype", datatype);
        out.writeFieldName("shape");
        out.writeArray(list ? new int[] {-1, -1} : new int[] {-1}, 0, list ? 2 : 1);
        out.writeEndObject();
    }
}
