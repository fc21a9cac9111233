package dev.marquee.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.marquee.checkpoint.AtomicFile;
import dev.marquee.report.Report;
import dev.marquee.trained.RunFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a run: {@code recipe.yaml} (resolved), {@code checkpoints/}, {@code metrics.jsonl},
 * {@code weights.safetensors}, {@code schema.safetensors} where the data are rows of a log, {@code calibration.json}
 * where their scores are calibrated, {@code summary.json}, {@code evaluation.json} (curves of the test),
 * {@code report.html} and {@code provenance.json}; {@code tables.txt} where a plan places embedding tables; {@code profile.json} and {@code trace.json} where the training was
 * profiled.
 */
final class RunFolder {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String LOCK = "lock";

    /** What a launcher keeps of its workers' output. */
    private static final String LOGS = "logs";

    private final Path path;
    private final RunFiles files;

    RunFolder(Path path) {
        this.path = path;
        this.files = new RunFiles(path);
    }

    /** What scoring needs. */
    RunFiles files() {
        return files;
    }

    Path path() {
        return path;
    }

    Path recipe() {
        return files.recipe();
    }

    Path checkpoints() {
        return files.checkpoints();
    }

    Path weights() {
        return files.weights();
    }

    Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    Path report() {
        return path.resolve("report.html");
    }

    Path evaluation() {
        return path.resolve("evaluation.json");
    }

    Path tables() {
        return path.resolve("tables.txt");
    }

    Path schema() {
        return files.schema();
    }

    Path calibration() {
        return files.calibration();
    }

    Path summary() {
        return path.resolve("summary.json");
    }

    Path profile() {
        return path.resolve("profile.json");
    }

    Path trace() {
        return path.resolve("trace.json");
    }

    Path provenance() {
        return path.resolve("provenance.json");
    }

    boolean holdsRun() {
        return Files.exists(recipe());
    }

    /**
     * Makes sure that a new run may be written here.
     *
     * @throws IllegalStateException when there is something here already
     */
    void requireFree() {
        if (holdsRun()) {
            throw new IllegalStateException(
                    path + " holds a run already: resume it with --resume, or choose another" + " folder with --out");
        }
        try (Stream<Path> entries = Files.list(path)) {
            // A training that was killed before it wrote its recipe leaves no more than these, and its launcher logs.
            Set<String> harmless = Set.of(LOCK, ".recipe.yaml.tmp", LOGS);
            if (entries.anyMatch(entry -> !harmless.contains(entry.getFileName().toString()))) {
                throw new IllegalStateException(
                        path + " is not empty and holds no run: choose another folder with --out");
            }
        } catch (NoSuchFileException e) {
            // Nothing there is the usual case.
        } catch (NotDirectoryException e) {
            throw new IllegalArgumentException(path + " is a file, so no run can be written there", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path + ": " + reason(e), e);
        }
    }

    /** Makes the folder for a new run. */
    void create() {
        requireFree();
        try {
            Files.createDirectories(path);
        } catch (FileAlreadyExistsException e) {
            throw new IllegalArgumentException(e.getFile() + " is a file, so no run can be written there", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the run folder " + path + ": " + reason(e), e);
        }
    }

    /** Takes back what only a finished run has; its checkpoints hold the same weights. */
    void reopen() {
        for (Path file : List.of(weights(), calibration(), summary(), evaluation(), profile(), trace(), report())) {
            delete(file);
        }
    }

    void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to the run folder " + path + ": " + reason(e), e);
        }
    }

    /**
     * Keeps other processes, and other trainings in this one, out of the folder.
     *
     * @return the lock; closing it lets others in
     * @throws IllegalStateException when another training holds it
     */
    Lock lock() {
        FileChannel channel = null;
        try {
            Files.createDirectories(path); // a resumed run may have lost them
            channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new Lock(channel);
            }
        } catch (OverlappingFileLockException e) {
            // Held by this very process: the same answer as when another one holds it.
        } catch (FileAlreadyExistsException e) {
            throw new IllegalArgumentException(e.getFile() + " is a file, so no run can be written there", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to the run folder " + path + ": " + reason(e), e);
        }
        close(channel);
        throw new IllegalStateException(
                "another training is writing to " + path + ": wait for it, or choose another folder with --out");
    }

    /** The lock of a run folder. */
    static final class Lock implements AutoCloseable {
        private final FileChannel channel;

        private Lock(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void close() {
            RunFolder.close(channel);
        }
    }

    void write(Path file, String text) {
        try {
            AtomicFile.writeText(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + reason(e), e);
        }
    }

    void writeJson(Path file, Object value) {
        write(file, JSON.valueToTree(value).toPrettyString() + "\n");
    }

    /** Writes the page about the run; call it when all else is written. */
    void writeReport() {
        try {
            AtomicFile.writeText(report(), Report.of(path));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + report() + ": " + reason(e), e);
        }
    }

    ObjectNode newObject() {
        return JSON.createObjectNode();
    }

    void appendMetrics(ObjectNode line) {
        try {
            Files.writeString(
                    metrics(),
                    line + "\n",
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + metrics() + ": " + reason(e), e);
        }
    }

    /** Drops what was measured after a step: a resumed run measures it again. A torn last line goes too. */
    void truncateMetrics(long step) {
        List<String> kept = new ArrayList<>();
        for (JsonNode line : readMetrics(line -> line.path("step").asLong() <= step)) {
            kept.add(line + "\n");
        }
        write(metrics(), String.join("", kept));
    }

    List<JsonNode> readMetrics(Predicate<JsonNode> wanted) {
        List<JsonNode> lines = new ArrayList<>();
        try {
            for (String text : Files.readAllLines(metrics(), StandardCharsets.UTF_8)) {
                JsonNode line = parse(text);
                if (line != null && wanted.test(line)) {
                    lines.add(line);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + metrics() + ": " + reason(e), e);
        }
        return lines;
    }

    /** Java's exceptions of the file system often have a path for a message; users need the reason. */
    static String reason(IOException e) {
        return RunFiles.reason(e);
    }

    private static @Nullable JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            return null;
        }
    }

    private static void close(@Nullable FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
