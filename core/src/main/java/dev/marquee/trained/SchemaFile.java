package dev.marquee.trained;

import dev.marquee.checkpoint.AtomicFile;
import dev.marquee.checkpoint.Safetensors;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** A schema as a part of a safetensors file: JSON among the metadata, vocabularies as tensors of bytes. */
public final class SchemaFile {
    private static final String PREFIX = "schema.";
    private static final String JSON = "marquee.schema";

    private SchemaFile() {}

    /**
     * The vocabularies as tensors of the open scope.
     *
     * @param schema the schema
     * @return by their names in the file
     */
    public static Map<String, Tensor> tensors(FeatureSchema schema) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        schema.blobs().forEach((name, bytes) -> tensors.put(PREFIX + name, Tensors.of(bytes)));
        return tensors;
    }

    /**
     * All but the vocabularies.
     *
     * @param schema the schema
     * @return metadata of the file
     */
    public static Map<String, String> metadata(FeatureSchema schema) {
        return Map.of(JSON, schema.json());
    }

    /**
     * Writes a schema.
     *
     * @param file written aside and renamed
     * @param schema the schema
     * @throws UncheckedIOException when it cannot be written
     */
    public static void write(Path file, FeatureSchema schema) {
        try (Scope scope = Scope.open()) {
            AtomicFile.write(file, temporary -> Safetensors.write(temporary, tensors(schema), metadata(schema)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + RunFiles.reason(e), e);
        }
    }

    /**
     * Reads the schema in a file.
     *
     * @param file its path
     * @return the schema; empty when there is no such file
     * @throws UncheckedIOException when it cannot be read
     */
    public static Optional<FeatureSchema> read(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (Safetensors stored = Safetensors.read(file);
                Scope scope = Scope.open()) {
            Map<String, byte[]> blobs = new LinkedHashMap<>();
            stored.tensors().forEach((name, tensor) -> {
                if (name.startsWith(PREFIX)) {
                    blobs.put(name.substring(PREFIX.length()), Tensors.toBytes(tensor));
                }
            });
            return Optional.of(FeatureSchema.read(stored.metadata().getOrDefault(JSON, ""), blobs));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the schema " + file + ": " + RunFiles.reason(e), e);
        }
    }
}
