package dev.marquee.data;

import dev.marquee.schema.FeatureSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * A folder of prepared rows, opened: needs neither source nor fit.
 *
 * @param folder where it lies
 * @param manifest what it holds
 * @param schema the schema that encoded the rows
 * @param format of the rows
 * @param parts the rows
 */
record PreparedStore(
        Path folder, PreparedManifest manifest, FeatureSchema schema, RowFormat format, Map<Part, MappedRows> parts) {
    PreparedStore {
        parts = Map.copyOf(parts);
    }

    static PreparedStore open(Path folder, SchemaFactory schemas, long segment) throws IOException {
        PreparedManifest manifest = PreparedManifest.read(folder, false);
        String json = Files.readString(
                folder.resolve(manifest.file(PreparedManifest.SCHEMA + ".json").name()), StandardCharsets.UTF_8);
        Map<String, byte[]> blobs = new HashMap<>();
        for (Map.Entry<String, String> blob : manifest.blobs().entrySet()) {
            blobs.put(blob.getKey(), Files.readAllBytes(folder.resolve(blob.getValue())));
        }
        FeatureSchema schema = schemas.read(json, blobs);
        if (!schema.fingerprint().equals(manifest.schema())) {
            throw new DataException("the rows in " + folder + " were encoded by another schema: delete the folder");
        }
        RowFormat format = RowFormat.of(schema);
        Map<Part, MappedRows> parts = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            parts.put(part, MappedRows.open(folder, part, format, manifest, segment));
        }
        return new PreparedStore(folder, manifest, schema, format, parts);
    }

    MappedRows rows(Part part) {
        MappedRows rows = parts.get(part);
        if (rows == null) {
            throw new IllegalStateException("every part is there");
        }
        return rows;
    }
}
