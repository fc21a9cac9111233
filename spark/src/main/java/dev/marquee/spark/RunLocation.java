package dev.marquee.spark;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Where the folder of a finished run lies, in any of Hadoop's file systems. The model itself is opened by the executors.
 *
 * @param uri of the folder
 * @param id differs between any two that were trained or loaded: what lies at one place may change
 * @param recipe the resolved recipe as YAML
 * @param configuration of Hadoop
 */
record RunLocation(String uri, String id, String recipe, SerializableConfiguration configuration)
        implements Serializable {
    private static final long serialVersionUID = 1;
    private static final String SUMMARY = "summary.json";
    private static final String RECIPE = "recipe.yaml";

    /** What a model needs, and what tells about it; not how it came to be. */
    private static final List<String> FILES = List.of(
            RECIPE,
            "schema.safetensors",
            "weights.safetensors",
            "calibration.json",
            SUMMARY,
            "evaluation.json",
            "provenance.json",
            "report.html");

    static RunLocation of(String folder, Configuration configuration) {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder);
        try {
            FileSystem system = path.getFileSystem(configuration);
            String recipe = read(system, new org.apache.hadoop.fs.Path(path, RECIPE));
            return new RunLocation(
                    system.makeQualified(path).toUri().toString(),
                    UUID.randomUUID().toString(),
                    recipe,
                    new SerializableConfiguration(configuration));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the model in " + folder + ": " + e.getMessage(), e);
        }
    }

    /** What the run measured on its test rows. */
    Map<String, Double> metrics() {
        org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(uri, SUMMARY);
        try {
            Map<String, Double> metrics = new LinkedHashMap<>();
            JsonMapper.builder()
                    .build()
                    .readTree(read(file.getFileSystem(configuration.value()), file))
                    .path("test")
                    .properties()
                    .forEach(entry ->
                            metrics.put(entry.getKey(), entry.getValue().asDouble()));
            return Collections.unmodifiableMap(metrics);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Copies the run; called by an executor, since the model may be large. */
    void copyTo(String target) throws IOException {
        Configuration hadoop = configuration.value();
        org.apache.hadoop.fs.Path from = new org.apache.hadoop.fs.Path(uri);
        org.apache.hadoop.fs.Path to = new org.apache.hadoop.fs.Path(target);
        FileSystem source = from.getFileSystem(hadoop);
        FileSystem destination = to.getFileSystem(hadoop);
        destination.mkdirs(to);
        for (String name : FILES) {
            org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(from, name);
            if (source.exists(file)) {
                FileUtil.copy(source, file, destination, new org.apache.hadoop.fs.Path(to, name), false, true, hadoop);
            }
        }
    }

    /** The folder on this machine: where it lies, or a copy in a temporary folder. */
    Local local() {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(uri);
        if ("file".equals(path.toUri().getScheme())) {
            return new Local(Path.of(path.toUri().getPath()), false);
        }
        try {
            Path copy = Files.createTempDirectory("marquee-model");
            copyTo(copy.toUri().toString());
            return new Local(copy, true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot copy the model in " + uri + ": " + e.getMessage(), e);
        }
    }

    private static String read(FileSystem system, org.apache.hadoop.fs.Path file) throws IOException {
        try (InputStream in = system.open(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * A folder of this machine.
     *
     * @param path its path
     * @param temporary whether it is to be deleted when it has been read
     */
    record Local(Path path, boolean temporary) {}
}
