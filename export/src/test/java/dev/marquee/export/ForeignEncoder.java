package dev.marquee.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;

/** Another program: makes the inputs of a network from texts by {@code inputs.json} and docs/export.md alone. */
final class ForeignEncoder {
    private final JsonNode file;
    private final Map<String, Map<String, Long>> vocabularies = new HashMap<>();
    private final Map<String, Map<Long, Long>> growing = new HashMap<>();
    private final Map<String, JsonNode> features = new HashMap<>();
    private final Map<String, JsonNode> fits = new HashMap<>();
    private final Map<String, Long> buckets = new HashMap<>();

    ForeignEncoder(Path path) throws IOException {
        file = JsonMapper.builder().build().readTree(path.toFile());
        file.path("vocabularies").properties().forEach(table -> {
            Map<String, Long> ids = new HashMap<>();
            table.getValue().forEach(value -> ids.put(value.asText(), 3L + ids.size()));
            vocabularies.put(table.getKey(), ids);
        });
        file.path("growing").properties().forEach(table -> {
            Map<Long, Long> rows = new HashMap<>();
            table.getValue().forEach(id -> rows.put(id.asLong(), 3L + rows.size()));
            growing.put(table.getKey(), rows);
        });
        JsonNode schema = file.path("schema");
        schema.path("config")
                .path("features")
                .forEach(f -> features.put(f.path("name").asText(), f));
        schema.path("dense").forEach(fit -> fits.put(fit.path("feature").asText(), fit));
        schema.path("tables")
                .forEach(table -> buckets.put(
                        table.path("name").asText(), table.path("hash").asLong()));
    }

    /** Rows of texts by column; empty where there is no value. */
    Map<String, Tensor> encode(List<Map<String, String>> rows) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (JsonNode input : file.path("inputs")) {
            String name = input.path("name").asText();
            JsonNode of = input.path("features");
            switch (name) {
                case "dense" ->
                    inputs.put(name, dense(rows, of, input.path("shape").get(1).asInt()));
                case "ids" -> {
                    long[] ids = new long[rows.size() * of.size()];
                    for (int row = 0; row < rows.size(); row++) {
                        for (JsonNode feature : of) {
                            String value =
                                    rows.get(row).get(feature.path("feature").asText());
                            ids[row * of.size() + feature.path("column").asInt()] =
                                    id(feature.path("table").asText(), value);
                        }
                    }
                    inputs.put(name, Tensors.of(ids, rows.size(), of.size()));
                }
                default -> inputs.put(name, lists(rows, of.get(0)));
            }
        }
        return inputs;
    }

    private Tensor dense(List<Map<String, String>> rows, JsonNode of, int columns) {
        float[] values = new float[rows.size() * columns];
        for (int row = 0; row < rows.size(); row++) {
            for (JsonNode feature : of) {
                String name = feature.path("feature").asText();
                number(
                        name,
                        Double.parseDouble(rows.get(row).get(name)),
                        values,
                        row * columns + feature.path("column").asInt());
            }
        }
        return Tensors.of(values, rows.size(), columns);
    }

    private void number(String name, double value, float[] into, int at) {
        JsonNode fit = fits.get(name);
        double x = Math.max(
                fit.path("minimum").asDouble(), Math.min(fit.path("maximum").asDouble(), value));
        if (features.get(name).path("encoding").asText().equals("signed_log")) {
            double log = Math.signum(x) * Math.log(1 + Math.abs(x));
            into[at] = (float)
                    ((log - fit.path("mean").asDouble()) / fit.path("deviation").asDouble());
            return;
        }
        JsonNode edges = fit.path("edges"); // piecewise_linear
        for (int i = 0; i + 1 < edges.size(); i++) {
            double from = edges.get(i).asDouble();
            double way = (x - from) / (edges.get(i + 1).asDouble() - from);
            into[at + i] = (float) Math.max(0, Math.min(1, way));
        }
    }

    private Tensor lists(List<Map<String, String>> rows, JsonNode of) {
        JsonNode feature = features.get(of.path("feature").asText());
        int most = of.path("maximum_length").asInt();
        long[] ids = new long[rows.size() * most];
        for (int row = 0; row < rows.size(); row++) {
            String text = rows.get(row).get(of.path("feature").asText());
            List<String> values = new ArrayList<>(
                    text.isEmpty()
                            ? List.of()
                            : List.of(text.split(
                                    Pattern.quote(feature.path("separator").asText()), -1)));
            int skip = feature.path("keep").asText().equals("last") ? Math.max(0, values.size() - most) : 0;
            for (int i = 0; i < Math.min(most, values.size() - skip); i++) {
                ids[row * most + i] = id(of.path("table").asText(), values.get(skip + i));
            }
        }
        return Tensors.of(ids, rows.size(), most);
    }

    private long id(String table, String value) {
        if (value.isEmpty()) {
            return 1;
        }
        Map<String, Long> vocabulary = vocabularies.get(table);
        if (vocabulary != null) {
            return vocabulary.getOrDefault(value, 2L);
        }
        long hash = 3 + Long.remainderUnsigned(hash(value.getBytes(StandardCharsets.UTF_8)), buckets.get(table));
        Map<Long, Long> rows = growing.get(table);
        return rows == null ? hash : rows.getOrDefault(hash, 2L);
    }

    /** XXH64 with seed 0 of fewer than 32 bytes, by its specification. */
    private static long hash(byte[] bytes) {
        long p1 = 0x9E3779B185EBCA87L;
        long p2 = 0xC2B2AE3D27D4EB4FL;
        long p3 = 0x165667B19E3779F9L;
        long p4 = 0x85EBCA77C2B2AE63L;
        long p5 = 0x27D4EB2F165667C5L;
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long h = p5 + bytes.length;
        while (in.remaining() >= 8) {
            h ^= Long.rotateLeft(in.getLong() * p2, 31) * p1;
            h = Long.rotateLeft(h, 27) * p1 + p4;
        }
        if (in.remaining() >= 4) {
            h ^= (in.getInt() & 0xFFFFFFFFL) * p1;
            h = Long.rotateLeft(h, 23) * p2 + p3;
        }
        while (in.hasRemaining()) {
            h ^= (in.get() & 0xFF) * p5;
            h = Long.rotateLeft(h, 11) * p1;
        }
        h ^= h >>> 33;
        h *= p2;
        h ^= h >>> 29;
        h *= p3;
        return h ^ (h >>> 32);
    }
}
