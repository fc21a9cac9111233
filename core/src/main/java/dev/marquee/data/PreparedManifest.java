package dev.marquee.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a folder of prepared rows holds: its file {@code manifest.json}, written last.
 *
 * @param magic {@link #MAGIC}
 * @param version {@link #VERSION}
 * @param description what was prepared, in words
 * @param sources the fingerprints of the sources
 * @param recipe identifies schema config, split and seed
 * @param schema the fingerprint of the fitted schema
 * @param parts the rows of training, validation and test
 * @param blobs the files of the schema's vocabularies, by their names in the schema
 * @param files lengths and checksums of all files but this one
 */
record PreparedManifest(
        @JsonProperty("magic") String magic,
        @JsonProperty("version") int version,
        @JsonProperty("description") String description,
        @JsonProperty("sources") List<String> sources,
        @JsonProperty("recipe") String recipe,
        @JsonProperty("schema") String schema,
        @JsonProperty("parts") Map<Part, Rows> parts,
        @JsonProperty("blobs") Map<String, String> blobs,
        @JsonProperty("files") List<CheckedFile.Sum> files) {
    static final String MAGIC = "marquee-prepared-rows";
    /** To be raised when the form of the files changes, or the way in which rows are encoded or split. */
    static final int VERSION = 2;

    static final String NAME = "manifest.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The rows of a part.
     *
     * @param count how many
     * @param longest the length of the longest list, by bag or sequence
     */
    record Rows(
            @JsonProperty("count") long count,
            @JsonProperty("longest") List<Integer> longest) {
        Rows {
            longest = List.copyOf(longest);
        }
    }

    PreparedManifest {
        sources = List.copyOf(sources);
        parts = Map.copyOf(parts);
        blobs = Map.copyOf(blobs);
        files = List.copyOf(files);
    }

    /** How the names of the fitted schema's files begin. */
    static final String SCHEMA = "schema";

    /**
     * Reads the manifest and checks the files: that all are there in their lengths, and the checksums of the schema's,
     * which are read whole in any case. Those of the rows are checked on demand only: that takes as long as reading them.
     *
     * @param thorough whether to check the rows' checksums too
     */
    static PreparedManifest read(Path folder, boolean thorough) throws IOException {
        PreparedManifest manifest;
        try {
            manifest = JSON.readValue(Files.readAllBytes(folder.resolve(NAME)), PreparedManifest.class);
        } catch (JsonProcessingException e) {
            throw new DataException(folder.resolve(NAME) + " is damaged", e);
        }
        if (!manifest.magic().equals(MAGIC) || manifest.version() != VERSION) {
            throw new DataException(
                    folder + " was prepared in version " + manifest.version() + " of the form, not " + VERSION);
        }
        if (manifest.parts().size() != Part.values().length) {
            throw new DataException(folder.resolve(NAME) + " is damaged: it does not list every part");
        }
        for (CheckedFile.Sum file : manifest.files()) {
            Path path = folder.resolve(file.name());
            if (!Files.exists(path)) {
                throw new DataException(path + " is missing");
            }
            if (Files.size(path) != file.bytes()) {
                throw new DataException(
                        path + " is damaged: it has " + Files.size(path) + " bytes instead of " + file.bytes());
            }
            if ((thorough || file.name().startsWith(SCHEMA))
                    && !CheckedFile.Sum.of(path).equals(file)) {
                throw new DataException(path + " is damaged: its checksum is not the one it was written with");
            }
        }
        return manifest;
    }

    byte[] json() throws IOException {
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this).getBytes(StandardCharsets.UTF_8);
    }

    CheckedFile.Sum file(String name) {
        return files.stream()
                .filter(file -> file.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new DataException("the manifest of the prepared rows is damaged: it lacks " + name));
    }

    long rows(Part part) {
        return parts.get(part).count();
    }

    long bytes() {
        return files.stream().mapToLong(CheckedFile.Sum::bytes).sum();
    }
}
