package dev.marquee.export;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.marquee.data.Batch;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code inputs.json}: all that another program needs to make the inputs of the network from raw rows; docs/export.md. */
final class InputsFile {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private InputsFile() {}

    static void write(OpenRun run, Path file) throws IOException {
        FeatureSchema schema = run.schema().orElseThrow();
        FeatureLayout layout = schema.layout();
        ObjectNode root =
                MAPPER.createObjectNode().put("format", "marquee-inputs").put("version", 1);
        ArrayNode inputs = root.putArray("inputs");
        if (layout.denseSize() > 0) {
            ArrayNode features = input(inputs, Batch.DENSE, "float32", "" + layout.denseSize());
            layout.dense()
                    .forEach(number -> features.addObject()
                            .put("feature", number.name())
                            .put("column", number.offset())
                            .put("columns", number.size()));
        }
        if (!layout.fields().isEmpty()) {
            ArrayNode features =
                    input(inputs, Batch.IDS, "int64", "" + layout.fields().size());
            for (int i = 0; i < layout.fields().size(); i++) {
                FeatureLayout.Field field = layout.fields().get(i);
                features.addObject()
                        .put("feature", field.name())
                        .put("column", i)
                        .put("table", layout.tables().get(field.table()).name());
            }
        }
        layout.bags()
                .forEach(bag -> list(
                        input(inputs, Batch.BAG + bag.name(), "int64", "length." + bag.name()),
                        bag.name(),
                        layout.tables().get(bag.table()).name(),
                        bag.maximumLength()));
        layout.sequences()
                .forEach(sequence -> list(
                        input(inputs, Batch.SEQUENCE + sequence.name(), "int64", "time." + sequence.history()),
                        sequence.name(),
                        layout.tables().get(sequence.table()).name(),
                        sequence.maximumLength()));
        ArrayNode outputs = root.putArray("outputs");
        for (String output : List.of(Exporter.LOGITS, Exporter.PROBABILITIES)) {
            ArrayNode labels = outputs.addObject().put("name", output).putArray("labels");
            run.labels().forEach(labels::add);
        }
        ObjectNode vocabularies = root.putObject("vocabularies");
        for (int i = 0; i < layout.tables().size(); i++) {
            int table = i;
            schema.vocabulary(i).ifPresent(values -> {
                ArrayNode array =
                        vocabularies.putArray(layout.tables().get(table).name());
                values.forEach(array::add);
            });
        }
        ObjectNode growing = root.putObject("growing");
        for (Map.Entry<String, List<Integer>> table : run.tables().ids().entrySet()) {
            ArrayNode ids = growing.putArray(table.getKey());
            table.getValue().forEach(ids::add);
        }
        root.set("schema", MAPPER.readTree(schema.json()));
        try (var out = Files.newBufferedWriter(file)) {
            MAPPER.writerWithDefaultPrettyPrinter().writeValue(out, root);
        }
    }

    private static ArrayNode input(ArrayNode inputs, String name, String type, String second) {
        ObjectNode input = inputs.addObject().put("name", name).put("type", type);
        ArrayNode shape = input.putArray("shape").add("batch");
        if (second.chars().allMatch(Character::isDigit)) {
            shape.add(Integer.parseInt(second));
        } else {
            shape.add(second);
        }
        return input.putArray("features");
    }

    private static void list(ArrayNode features, String feature, String table, int longest) {
        features.addObject().put("feature", feature).put("table", table).put("maximum_length", longest);
    }
}
