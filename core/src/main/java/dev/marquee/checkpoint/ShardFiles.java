package dev.marquee.checkpoint;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.RowSubset;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.bytedeco.pytorch.Tensor;

/**
 * The files beside a checkpoint that hold the rows of tables which several processes share, one file of each process. What
 * the metadata say of each tensor is which rows of the whole it has, and a checksum of its bytes; the checkpoint itself names
 * the files and has a checksum of what is said there.
 */
final class ShardFiles {
    private static final String ROWS = "marquee.rows.";

    private ShardFiles() {}

    /** What a file says of one tensor. */
    private record Part(SafetensorsHeader.Entry entry, RowSubset rows, String checksum) {
        static Part parse(SafetensorsHeader.Entry entry, String text) throws IOException {
            String[] words = text.split(" ", -1);
            try {
                RowSubset rows =
                        new RowSubset(Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]));
                if (words.length == 4
                        && !entry.shape().isEmpty()
                        && rows.count() == entry.shape().get(0)) {
                    return new Part(entry, rows, words[3]);
                }
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new IOException("the rows of " + entry.name() + " are not readable: " + text, e);
            }
            throw new IOException("the rows of " + entry.name() + " are not those of its shape: " + text);
        }
    }

    /**
     * Writes the file of one process.
     *
     * @return the checksum of what the file says of its tensors
     */
    static String write(Path file, Map<String, Tensor> tensors, Map<String, RowSubset> rows) throws IOException {
        Map<String, String> said = new TreeMap<>();
        tensors.forEach((name, tensor) -> {
            CRC32C crc = new CRC32C();
            Tensors.eachChunk(tensor, crc::update);
            RowSubset own = rows.get(name);
            if (own == null) {
                throw new IllegalArgumentException("which rows of the whole " + name + " has is not told");
            }
            said.put(ROWS + name, own.first() + " " + own.step() + " " + own.end() + " " + Checksums.text(crc));
        });
        AtomicFile.write(file, temporary -> Safetensors.write(temporary, tensors, said));
        return checksum(SafetensorsHeader.of(tensors, Map.of(), said));
    }

    /**
     * Puts tensors together from the files of all processes.
     *
     * @param files with the checksum of each
     * @param wanted which rows of a tensor are wanted; all where it is not named
     * @param arena owns the tensors
     * @throws IOException naming the file that is missing or damaged
     */
    static Map<String, Tensor> read(Map<Path, String> files, Map<String, RowSubset> wanted, Arena arena)
            throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Map<String, Long> found = new TreeMap<>();
        Map<String, Long> needed = new TreeMap<>();
        for (Map.Entry<Path, String> one : files.entrySet()) {
            Path file = one.getKey();
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                SafetensorsHeader header = Safetensors.readHeader(channel, file.toString());
                if (!checksum(header).equals(one.getValue())) {
                    throw new IOException("its header has the checksum " + checksum(header) + ", not " + one.getValue()
                            + " as when it was written");
                }
                RowReader reader = new RowReader(channel, file.toString(), channel.position());
                for (SafetensorsHeader.Entry entry : header.entries()) {
                    Part part = Part.parse(entry, header.metadata().getOrDefault(ROWS + entry.name(), ""));
                    found.merge(entry.name(), part.rows().count(), Long::sum);
                    needed.put(entry.name(), part.rows().end());
                    RowSubset rows = wanted.getOrDefault(
                            entry.name(), RowSubset.all(part.rows().end()));
                    read(reader, part, rows, tensors, arena);
                }
            } catch (NoSuchFileException e) {
                throw new IOException("the part " + file + " of the checkpoint is missing", e);
            } catch (IOException e) {
                throw new IOException("the part " + file + " of the checkpoint is damaged: " + e.getMessage(), e);
            }
        }
        for (Map.Entry<String, Long> rows : needed.entrySet()) {
            if (!rows.getValue().equals(found.get(rows.getKey()))) {
                throw new IOException("the parts of the checkpoint have " + found.get(rows.getKey()) + " of the "
                        + rows.getValue() + " rows of " + rows.getKey());
            }
        }
        return tensors;
    }

    private static void read(RowReader reader, Part part, RowSubset rows, Map<String, Tensor> tensors, Arena arena)
            throws IOException {
        SafetensorsHeader.Entry entry = part.entry();
        if (rows.end() != part.rows().end()) {
            throw new IOException(entry.name() + " is of " + part.rows().end() + " rows, not of " + rows.end());
        }
        try (Scope scope = Scope.open()) {
            Tensor into = tensors.get(entry.name());
            if (into == null) {
                long[] shape = entry.sizes();
                shape[0] = rows.count();
                into = arena.keep(Tensors.empty(entry.type(), shape));
                tensors.put(entry.name(), into);
            }
            if (!rows.meets(part.rows())) {
                return; // who wants these rows checks them
            }
            CRC32C crc = new CRC32C();
            reader.rows(entry, part.rows(), rows, into, crc);
            if (!Checksums.text(crc).equals(part.checksum())) {
                throw new IOException(entry.name() + " has the checksum " + Checksums.text(crc) + ", not "
                        + part.checksum() + " as when it was written");
            }
        }
    }

    private static String checksum(SafetensorsHeader header) {
        CRC32C crc = new CRC32C();
        Checksums.addTexts(crc, header.metadata());
        List<SafetensorsHeader.Entry> entries = header.entries();
        entries.forEach(entry -> Checksums.addName(crc, entry.name(), entry.type(), entry.sizes()));
        return Checksums.text(crc);
    }
}
