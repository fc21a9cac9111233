package dev.marquee.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/**
 * The JSON text at the head of a safetensors file.
 *
 * @param metadata free text by key
 * @param entries the tensors, in the order of their data
 */
record SafetensorsHeader(Map<String, String> metadata, List<Entry> entries) {
    /** The bytes in front of the JSON text, which hold its length. */
    static final int LENGTH_BYTES = 8;

    /** What the format allows. */
    static final long MAX_BYTES = 100_000_000;

    private static final String METADATA = "__metadata__";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * Where a tensor stands.
     *
     * @param name its name
     * @param type its element type
     * @param shape its sizes
     * @param begin its first byte, counted from the end of the header
     * @param end the byte after its last
     */
    record Entry(String name, DType type, List<Long> shape, long begin, long end) {
        long[] sizes() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }
    }

    /**
     * Reads and checks a header.
     *
     * @param json the text, in UTF-8
     * @param dataBytes how many bytes follow the text
     * @param file the file's name for messages
     */
    static SafetensorsHeader parse(byte[] json, long dataBytes, String file) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            long offset =
                    e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getByteOffset());
            throw new IOException(
                    file + ", byte " + (LENGTH_BYTES + offset) + ": the header is not valid JSON: "
                            + e.getOriginalMessage(),
                    e);
        }
        if (!root.isObject()) {
            throw fault(file, "the header must be a JSON object, not " + describe(root));
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : root.properties()) {
            if (property.getKey().equals(METADATA)) {
                metadata.putAll(metadata(property.getValue(), file));
            } else {
                entries.add(entry(property.getKey(), property.getValue(), file));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        requireWholeData(entries, dataBytes, LENGTH_BYTES + (long) json.length, file);
        return new SafetensorsHeader(metadata, entries);
    }

    /** The header of some tensors. */
    static SafetensorsHeader of(
            Map<String, Tensor> tensors, Map<String, Safetensors.Streamed> streamed, Map<String, String> metadata) {
        Map<String, Safetensors.Streamed> all = new LinkedHashMap<>(streamed);
        tensors.forEach((name, tensor) -> {
            List<Long> shape = Arrays.stream(Tensors.shape(tensor)).boxed().toList();
            all.put(name, new Safetensors.Streamed(typeOf(name, tensor), shape, writer -> {}));
        });
        if (all.containsKey(METADATA)) {
            throw new IllegalArgumentException("no tensor may be named " + METADATA);
        }
        // Wide types first, then by name: every tensor is aligned to its element size.
        List<String> names = new ArrayList<>(all.keySet());
        names.sort(
                Comparator.comparingInt((String name) -> -all.get(name).type().bytes())
                        .thenComparing(Comparator.naturalOrder()));
        List<Entry> entries = new ArrayList<>();
        long offset = 0;
        for (String name : names) {
            Safetensors.Streamed of = all.get(name);
            long elements = of.shape().stream().reduce(1L, (a, b) -> a * b);
            long end = offset + elements * of.type().bytes();
            entries.add(new Entry(name, of.type(), of.shape(), offset, end));
            offset = end;
        }
        return new SafetensorsHeader(metadata, entries);
    }

    private static DType typeOf(String name, Tensor tensor) {
        try {
            return DType.of(tensor);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tensor \"" + name + "\": " + e.getMessage(), e);
        }
    }

    /** The header as bytes, its length in front, padded so that the data begins at a multiple of 8. */
    byte[] encode() {
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode node = root.putObject(METADATA);
            new TreeMap<>(metadata).forEach(node::put);
        }
        for (Entry entry : entries) {
            ObjectNode node = root.putObject(entry.name());
            node.put("dtype", entry.type().safetensorsName());
            ArrayNode shape = node.putArray("shape");
            entry.shape().forEach(shape::add);
            node.putArray("data_offsets").add(entry.begin()).add(entry.end());
        }
        byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        byte[] bytes = new byte[LENGTH_BYTES + padded];
        Arrays.fill(bytes, (byte) ' ');
        for (int i = 0; i < LENGTH_BYTES; i++) {
            bytes[i] = (byte) ((long) padded >>> (8 * i));
        }
        System.arraycopy(json, 0, bytes, LENGTH_BYTES, json.length);
        return bytes;
    }

    private static Map<String, String> metadata(JsonNode node, String file) throws IOException {
        if (!node.isObject()) {
            throw fault(file, METADATA + " must be an object of texts, not " + describe(node));
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (!property.getValue().isTextual()) {
                throw fault(
                        file,
                        METADATA + "." + property.getKey() + " must be a text, not " + describe(property.getValue()));
            }
            metadata.put(property.getKey(), property.getValue().textValue());
        }
        return metadata;
    }

    private static Entry entry(String name, JsonNode node, String file) throws IOException {
        String where = "tensor \"" + name + "\": ";
        if (!node.isObject() || node.size() != 3) {
            throw fault(file, where + "expected {dtype, shape, data_offsets}, not " + describe(node));
        }
        JsonNode type = node.path("dtype");
        if (!type.isTextual()) {
            throw fault(file, where + "dtype must be a text, not " + describe(type));
        }
        DType known;
        try {
            known = DType.ofSafetensors(type.textValue());
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ", header: " + where + e.getMessage(), e);
        }
        List<Long> shape = numbers(node.path("shape"), where + "shape", file);
        List<Long> offsets = numbers(node.path("data_offsets"), where + "data_offsets", file);
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw fault(file, where + "data_offsets must be [begin, end], not " + offsets);
        }
        long expected = bytes(known, shape, where, file);
        long given = offsets.get(1) - offsets.get(0);
        if (given != expected) {
            throw fault(
                    file,
                    where + "shape " + shape + " of " + type.textValue() + " takes " + expected
                            + " bytes, but data_offsets " + offsets + " hold " + given);
        }
        return new Entry(name, known, shape, offsets.get(0), offsets.get(1));
    }

    private static List<Long> numbers(JsonNode node, String where, String file) throws IOException {
        List<Long> numbers = new ArrayList<>();
        for (JsonNode number : node) {
            if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
                throw fault(file, where + " must hold whole numbers of at least 0, not " + describe(node));
            }
            numbers.add(number.longValue());
        }
        if (!node.isArray()) {
            throw fault(file, where + " must be a list, not " + describe(node));
        }
        return List.copyOf(numbers);
    }

    private static long bytes(DType type, List<Long> shape, String where, String file) throws IOException {
        // A size of 0 anywhere makes an empty tensor, however large the product of the others.
        if (shape.contains(0L)) {
            return 0;
        }
        try {
            long bytes = type.bytes();
            for (long size : shape) {
                bytes = Math.multiplyExact(bytes, size);
            }
            return bytes;
        } catch (ArithmeticException e) {
            throw new IOException(file + ", header: " + where + "shape " + shape + " is too large", e);
        }
    }

    private static void requireWholeData(List<Entry> entries, long dataBytes, long dataStart, String file)
            throws IOException {
        long reached = 0;
        for (Entry entry : entries) {
            if (entry.begin() != reached) {
                throw new IOException(file + ", byte " + (dataStart + entry.begin()) + ": tensor \"" + entry.name()
                        + "\" begins at data offset " + entry.begin() + ", but the tensors before it end at " + reached
                        + ": tensors must follow each other without " + (entry.begin() < reached ? "overlap" : "gap"));
            }
            if (entry.end() > dataBytes) {
                throw new IOException(file + ", byte " + (dataStart + dataBytes) + ": the file ends, but tensor \""
                        + entry.name() + "\" ends at byte " + (dataStart + entry.end())
                        + ": the file is truncated");
            }
            reached = entry.end();
        }
        if (reached != dataBytes) {
            throw new IOException(file + ", byte " + (dataStart + reached) + ": " + (dataBytes - reached)
                    + " bytes follow the last tensor; expected the end of the file");
        }
    }

    private static IOException fault(String file, String message) {
        return new IOException(file + ", header: " + message);
    }

    private static String describe(JsonNode node) {
        if (node.isMissingNode()) {
            return JsonNodeFactory.instance.nullNode().toString();
        }
        String text = node.toString();
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }
}
