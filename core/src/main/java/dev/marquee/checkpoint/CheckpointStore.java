package dev.marquee.checkpoint;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.RowSubset;
import dev.marquee.tensor.Scope;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
 *
 * <p>Where several processes share tables, each writes its rows to a file of its own first ({@link #saveShard}), under a name
 * that no other checkpoint has; the checkpoint that names these files with their checksums is written when all are there.
 */
public final class CheckpointStore {
    private static final Pattern NAME = Pattern.compile("step-(\\d{12})\\.safetensors");
    private static final Pattern SHARD =
            Pattern.compile("(step-\\d{12})\\.save-(\\d+)\\.rank-\\d+-of-\\d+\\.safetensors");
    private static final String CHECKSUM = "marquee.checksum";
    private static final String SHARDS = "marquee.shards";

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
        return save(step, tensors, metadata, bestStep, List.of());
    }

    /**
     * As {@link #save(long, Map, Map, long)}, of a checkpoint whose shards are there.
     *
     * @param step its step
     * @param tensors what it holds besides
     * @param metadata texts that it holds
     * @param bestStep the step of the best checkpoint so far; it is kept
     * @param shards what {@link #saveShard} gave in each process
     * @return the file
     * @throws IOException when it cannot be written, or a shard is not to be seen here; those before it are untouched
     */
    public Path save(
            long step, Map<String, Tensor> tensors, Map<String, String> metadata, long bestStep, List<String> shards)
            throws IOException {
        Map<String, String> all = new TreeMap<>(metadata);
        if (!shards.isEmpty()) {
            all.put(SHARDS, String.join("\n", shards));
            for (Path shard : shards(all).keySet()) {
                if (!Files.exists(shard)) {
                    throw new IOException(shard + " was written by another process, but cannot be seen by this one: the"
                            + " run folder must be the same for all");
                }
            }
        }
        all.put(CHECKSUM, Checksums.of(tensors, all));
        Path file = file(step);
        Files.createDirectories(folder);
        AtomicFile.write(file, temporary -> Safetensors.write(temporary, tensors, all));
        prune(step, bestStep);
        return file;
    }

    /**
     * A number for the shards of a checkpoint that none of its step had before.
     *
     * @param step its step
     * @return at least 1
     * @throws IOException when the folder cannot be read
     */
    public int nextSave(long step) throws IOException {
        String name = name(step);
        int last = 0;
        for (Path shard : shards()) {
            Matcher matcher = SHARD.matcher(shard.getFileName().toString());
            if (matcher.matches() && matcher.group(1).equals(name)) {
                last = Math.max(last, Integer.parseInt(matcher.group(2)));
            }
        }
        return last + 1;
    }

    /**
     * Saves what one of several processes keeps.
     *
     * @param step the checkpoint's step
     * @param save the number that {@link #nextSave} gave one of the processes
     * @param rank which process this is
     * @param world how many there are
     * @param tensors what it keeps
     * @param rows which rows of the whole each of these tensors has
     * @return name and checksum of the shard, for {@link #save(long, Map, Map, long, List)}
     * @throws IOException when it cannot be written
     */
    public String saveShard(
            long step, int save, int rank, int world, Map<String, Tensor> tensors, Map<String, RowSubset> rows)
            throws IOException {
        Files.createDirectories(folder);
        String name = String.format(Locale.ROOT, "%s.save-%d.rank-%d-of-%d.safetensors", name(step), save, rank, world);
        return name + " " + ShardFiles.write(folder.resolve(name), tensors, rows);
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
     * @return its content, shards put together; close it
     * @throws IOException when it cannot be read, or its checksum is wrong
     */
    public Safetensors read(long step) throws IOException {
        return read(step, Map.of());
    }

    /**
     * Reads the checkpoint of a step, but of some tensors only the rows that are wanted, however many processes wrote it.
     *
     * @param step which
     * @param wanted the rows, by the names of the tensors; others are read whole
     * @return its content; close it
     * @throws IOException when it cannot be read, or a checksum is wrong
     */
    public Safetensors read(long step, Map<String, RowSubset> wanted) throws IOException {
        Path file = file(step);
        Arena arena = Arena.open("tensors of " + file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            SafetensorsHeader header = Safetensors.readHeader(channel, file.toString());
            RowReader reader = new RowReader(channel, file.toString(), channel.position());
            Map<String, String> metadata = new TreeMap<>(header.metadata());
            String expected = metadata.remove(CHECKSUM);
            CRC32C crc = new CRC32C();
            Checksums.addTexts(crc, metadata);
            Map<String, SafetensorsHeader.Entry> entries = new TreeMap<>();
            header.entries().forEach(entry -> entries.put(entry.name(), entry));
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (SafetensorsHeader.Entry entry : entries.values()) {
                Checksums.addName(crc, entry.name(), entry.type(), entry.sizes());
                try (Scope scope = Scope.open()) {
                    RowSubset rows = wanted.get(entry.name());
                    tensors.put(
                            entry.name(),
                            arena.keep(
                                    rows == null
                                            ? reader.whole(entry, crc)
                                            : Safetensors.some(reader, entry, rows, crc, file)));
                }
            }
            if (!Checksums.text(crc).equals(expected)) {
                throw new IOException(file + ": its content has the checksum " + Checksums.text(crc) + ", not "
                        + expected + " as when it was written");
            }
            tensors.putAll(ShardFiles.read(shards(header.metadata()), wanted, arena));
            return new Safetensors(header.metadata(), tensors, arena);
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
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
        return folder.resolve(name(step) + ".safetensors");
    }

    private static String name(long step) {
        return String.format(Locale.ROOT, "step-%012d", step);
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
        pruneShards();
        // What a kill left half-written.
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                if (entry.getFileName().toString().endsWith(AtomicFile.TEMPORARY)) {
                    Files.deleteIfExists(entry);
                }
            }
        }
    }

    /** Deletes the shards that no checkpoint names. */
    private void pruneShards() throws IOException {
        List<Path> shards = shards();
        if (shards.isEmpty()) {
            return;
        }
        Set<Path> named = new HashSet<>();
        for (long step : steps()) {
            try (FileChannel channel = FileChannel.open(file(step), StandardOpenOption.READ)) {
                named.addAll(shards(Safetensors.readHeader(channel, file(step).toString())
                                .metadata())
                        .keySet());
            } catch (IOException e) {
                // A damaged checkpoint is passed over in reading, and deleted in its turn.
            }
        }
        for (Path shard : shards) {
            if (!named.contains(shard)) {
                Files.deleteIfExists(shard);
            }
        }
    }

    private List<Path> shards() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry ->
                            SHARD.matcher(entry.getFileName().toString()).matches())
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** The shards that a checkpoint names, with their checksums. */
    private Map<Path, String> shards(Map<String, String> metadata) throws IOException {
        Map<Path, String> shards = new LinkedHashMap<>();
        for (String line : metadata.getOrDefault(SHARDS, "").lines().toList()) {
            String[] words = line.split(" ", -1);
            if (words.length != 2 || !SHARD.matcher(words[0]).matches()) {
                throw new IOException("the checkpoint names a part that is none: " + line);
            }
            shards.put(folder.resolve(words[0]), words[1]);
        }
        return shards;
    }
}
