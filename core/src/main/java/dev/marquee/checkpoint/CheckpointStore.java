package dev.marquee.checkpoint;

import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.bytedeco.pytorch.Tensor;

/**
 * The checkpoints of a run: one safetensors file each, named by its step, with a checksum over names, shapes, values and
 * metadata. A file is written aside and renamed, so a kill leaves the ones before it whole.
 */
public final class CheckpointStore {
    private static final Pattern NAME = Pattern.compile("step-(\\d{12})\\.safetensors");
    private static final String CHECKSUM = "marquee.checksum";

    private final Path folder;
    private final int keep;

    /**
     * A store in a folder.
     *
     * @param folder made when the first checkpoint is saved
     * @param keep how many of the latest checkpoints stay, at least 1
     */
    public CheckpointStore(Path folder, int keep) {
        if (keep < 1) {
            throw new IllegalArgumentException("at least 1 checkpoint must be kept, not " + keep);
        }
        this.folder = folder;
        this.keep = keep;
    }

    /**
     * Saves a checkpoint, then deletes those that are neither among the latest nor the best, and those of later steps:
     * they were passed over as damaged, and must not crowd out whole ones.
     *
     * @param step its step
     * @param tensors what it holds
     * @param metadata texts that it holds
     * @param bestStep the step of the best checkpoint so far; it is kept
     * @return the file
     * @throws IOException when it cannot be written; those before it are untouched
     */
    public Path save(long step, Map<String, Tensor> tensors, Map<String, String> metadata, long bestStep)
            throws IOException {
        Map<String, String> withChecksum = new TreeMap<>(metadata);
        withChecksum.put(CHECKSUM, checksum(tensors, metadata));
        Path file = file(step);
        Files.createDirectories(folder);
        AtomicFile.write(file, temporary -> Safetensors.write(temporary, tensors, withChecksum));
        prune(step, bestStep);
        return file;
    }

    /**
     * Reads the latest checkpoint that is whole.
     *
     * @param warnings told of each damaged one that was passed over
     * @return its content, to be closed; empty when there is none
     * @throws IOException when the folder cannot be read
     */
    public Optional<Safetensors> latest(Consumer<String> warnings) throws IOException {
        for (long step : steps()) {
            try {
                return Optional.of(read(step));
            } catch (IOException | IllegalArgumentException e) {
                warnings.accept("passing over a damaged checkpoint: " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    /**
     * Reads the checkpoint of a step.
     *
     * @param step which
     * @return its content; close it
     * @throws IOException when it cannot be read, or its checksum is wrong
     */
    public Safetensors read(long step) throws IOException {
        Path file = file(step);
        Safetensors content = Safetensors.read(file);
        try {
            Map<String, String> metadata = new TreeMap<>(content.metadata());
            String expected = metadata.remove(CHECKSUM);
            String found = checksum(content.tensors(), metadata);
            if (!found.equals(expected)) {
                throw new IOException(file + ": its content has the checksum " + found + ", not " + expected
                        + " as when it was written");
            }
            return content;
        } catch (IOException | RuntimeException e) {
            content.close();
            throw e;
        }
    }

    /**
     * The steps that there are checkpoints of.
     *
     * @return the latest first
     * @throws IOException when the folder cannot be read
     */
    public List<Long> steps() throws IOException {
        List<Long> steps = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                Matcher matcher = NAME.matcher(entry.getFileName().toString());
                if (matcher.matches()) {
                    steps.add(Long.parseLong(matcher.group(1)));
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        steps.sort(Comparator.reverseOrder());
        return steps;
    }

    /**
     * The file of a step.
     *
     * @param step which
     * @return its path, whether it exists or not
     */
    public Path file(long step) {
        return folder.resolve(String.format(Locale.ROOT, "step-%012d.safetensors", step));
    }

    private void prune(long step, long bestStep) throws IOException {
        List<Long> steps = steps();
        for (long later : steps.stream().filter(other -> other > step).toList()) {
            Files.deleteIfExists(file(later));
        }
        List<Long> past = steps.stream().filter(other -> other <= step).toList();
        for (long old : past.subList(Math.min(keep, past.size()), past.size())) {
            if (old != bestStep) {
                Files.deleteIfExists(file(old));
            }
        }
        // What a kill left half-written.
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                if (entry.getFileName().toString().endsWith(AtomicFile.TEMPORARY)) {
                    Files.deleteIfExists(entry);
                }
            }
        }
    }

    private static String checksum(Map<String, Tensor> tensors, Map<String, String> metadata) {
        CRC32C crc = new CRC32C();
        new TreeMap<>(metadata).forEach((key, value) -> update(crc, key + "=" + value));
        new TreeMap<>(tensors).forEach((name, tensor) -> {
            update(crc, name + ":" + Tensors.describe(tensor));
            Tensors.eachChunk(tensor, crc::update);
        });
        return String.format(Locale.ROOT, "crc32c:%08x", crc.getValue());
    }

    private static void update(CRC32C crc, String text) {
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        crc.update(0);
    }
}
