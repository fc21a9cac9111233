package dev.marquee.checkpoint;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.RowSubset;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.bytedeco.pytorch.Tensor;

/**
 * Tensors by name in a file of the <a href="https://github.com/huggingface/safetensors">safetensors</a> format, which
 * PyTorch's tools read and write as well: the length of a JSON header (8 bytes, little-endian), the header, the data.
 *
 * <pre>{@code
 * try (Safetensors weights = Safetensors.read(file)) {
 *     parameters.load(weights.tensors(), file.toString());
 * }
 * }</pre>
 *
 * <p>An object of this class is the contents of a file that was read; it owns the tensors.
 */
public final class Safetensors implements AutoCloseable {
    /** The longest piece that is handed to the operating system at once; tensors may be longer than a buffer can be. */
    private static final long PIECE_BYTES = 1 << 26;

    private final Map<String, String> metadata;
    private final Map<String, Tensor> tensors;
    private final Arena arena;

    Safetensors(Map<String, String> metadata, Map<String, Tensor> tensors, Arena arena) {
        this.metadata = Collections.unmodifiableMap(metadata);
        this.tensors = Collections.unmodifiableMap(tensors);
        this.arena = arena;
    }

    /**
     * Reads a whole file.
     *
     * @param file its path
     * @return its contents; close them
     * @throws IOException when the file cannot be read or is not a whole, valid safetensors file with the types of
     *     {@link DType}; the message then names the file, the place and what was expected
     */
    public static Safetensors read(Path file) throws IOException {
        return read(file, Map.of());
    }

    /**
     * Reads a file, but of some tensors only the rows that are wanted.
     *
     * @param file its path
     * @param wanted which rows, by the names of tensors with at least one dimension; others are read whole
     * @return its contents; close them
     * @throws IOException as for {@link #read(Path)}, or when a tensor has another number of rows than those are of
     */
    public static Safetensors read(Path file, Map<String, RowSubset> wanted) throws IOException {
        CRC32C unused = new CRC32C();
        Arena arena = Arena.open("tensors of " + file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            SafetensorsHeader header = readHeader(channel, file.toString());
            RowReader reader = new RowReader(channel, file.toString(), channel.position());
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (SafetensorsHeader.Entry entry : header.entries()) {
                try (Scope scope = Scope.open()) {
                    RowSubset rows = wanted.get(entry.name());
                    Tensor tensor = rows == null || entry.shape().isEmpty()
                            ? reader.whole(entry, unused)
                            : some(reader, entry, rows, unused, file);
                    tensors.put(entry.name(), arena.keep(tensor));
                }
            }
            return new Safetensors(header.metadata(), tensors, arena);
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    /** Some rows of a tensor that the file has whole. */
    static Tensor some(RowReader reader, SafetensorsHeader.Entry entry, RowSubset rows, Checksum sum, Path file)
            throws IOException {
        long[] shape = entry.sizes();
        if (shape[0] != rows.end()) {
            throw new IOException(file + ": " + entry.name() + " has " + shape[0] + " rows, not " + rows.end());
        }
        shape[0] = rows.count();
        Tensor tensor = Tensors.empty(entry.type(), shape);
        reader.rows(entry, RowSubset.all(rows.end()), rows, tensor, sum);
        return tensor;
    }

    /**
     * Tensors that are written in pieces, as they are not in memory whole.
     *
     * @param type the element type
     * @param shape of the whole
     * @param pieces gives the rows in order to whom it is told, some at a time
     */
    public record Streamed(DType type, List<Long> shape, Consumer<Consumer<Tensor>> pieces) {
        /** Copies the list. */
        public Streamed {
            shape = List.copyOf(shape);
        }
    }

    /**
     * Writes a file, replacing one that is there. The same tensors and metadata give the same bytes. The file is
     * neither synced nor replaced atomically: a caller that needs this writes elsewhere, syncs and renames.
     *
     * @param file its path
     * @param tensors by name, of any layout and device
     * @param metadata free text by key; may be empty
     * @throws IOException when the file cannot be written
     * @throws IllegalArgumentException when a tensor has a type that is not in {@link DType}, or is named
     *     {@code __metadata__}
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        // The header is made first, so that what cannot be written leaves the old file as it was.
        SafetensorsHeader header = SafetensorsHeader.of(tensors, Map.of(), metadata);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            write(channel, header, tensors);
        }
    }

    /**
     * As {@link #write(Path, Map, Map)}, with tensors that come in pieces. These are asked for one after the other, by their
     * names where they have one element type.
     *
     * @param file its path
     * @param tensors by name, of any layout and device
     * @param streamed by other names
     * @param metadata free text by key; may be empty
     * @throws IOException when the file cannot be written
     * @throws IllegalStateException when pieces do not add up to their tensor
     */
    public static void write(
            Path file, Map<String, Tensor> tensors, Map<String, Streamed> streamed, Map<String, String> metadata)
            throws IOException {
        SafetensorsHeader header = SafetensorsHeader.of(tensors, streamed, metadata);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(channel, ByteBuffer.wrap(header.encode()));
            for (SafetensorsHeader.Entry entry : header.entries()) {
                Streamed parts = streamed.get(entry.name());
                if (parts == null) {
                    writeTensor(channel, tensors.get(entry.name()));
                    continue;
                }
                long before = channel.position();
                try {
                    parts.pieces().accept(piece -> writePiece(channel, piece));
                } catch (UncheckedIOException e) {
                    throw e.getCause();
                }
                if (channel.position() - before != entry.end() - entry.begin()) {
                    throw new IllegalStateException("the pieces of " + entry.name() + " have "
                            + (channel.position() - before) + " bytes, not " + (entry.end() - entry.begin()));
                }
            }
        }
    }

    /**
     * Writes the format to a channel that the caller opened, and may sync.
     *
     * @param channel where to write
     * @param tensors by name, of any layout and device
     * @param metadata free text by key; may be empty
     * @throws IOException when the channel cannot be written
     * @throws IllegalArgumentException as {@link #write(Path, Map, Map)}
     */
    public static void write(WritableByteChannel channel, Map<String, Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        write(channel, SafetensorsHeader.of(tensors, Map.of(), metadata), tensors);
    }

    /**
     * The free text of the file.
     *
     * @return by key; unmodifiable
     */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * The tensors, valid until this is closed.
     *
     * @return by name, in the order of the data; unmodifiable
     */
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    /** Frees the tensors. */
    @Override
    public void close() {
        arena.close();
    }

    static SafetensorsHeader readHeader(FileChannel channel, String file) throws IOException {
        long size = channel.size();
        if (size < SafetensorsHeader.LENGTH_BYTES) {
            throw new IOException(file + ", byte " + size + ": the file ends; expected the 8 bytes that hold the"
                    + " header's length");
        }
        ByteBuffer length = ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        readFully(channel, length, file);
        long headerBytes = length.flip().getLong();
        long rest = size - SafetensorsHeader.LENGTH_BYTES;
        if (headerBytes < 0 || headerBytes > Math.min(rest, SafetensorsHeader.MAX_BYTES)) {
            throw new IOException(file + ", byte 0: the header's length is " + Long.toUnsignedString(headerBytes)
                    + "; expected at most " + Math.min(rest, SafetensorsHeader.MAX_BYTES)
                    + ": the file is truncated, or not a safetensors file");
        }
        ByteBuffer json = ByteBuffer.allocate((int) headerBytes);
        readFully(channel, json, file);
        return SafetensorsHeader.parse(json.array(), rest - headerBytes, file);
    }

    private static void write(WritableByteChannel channel, SafetensorsHeader header, Map<String, Tensor> tensors)
            throws IOException {
        writeFully(channel, ByteBuffer.wrap(header.encode()));
        for (SafetensorsHeader.Entry entry : header.entries()) {
            writeTensor(channel, tensors.get(entry.name()));
        }
    }

    private static void writeTensor(WritableByteChannel channel, Tensor tensor) throws IOException {
        try (Scope scope = Scope.open()) {
            Tensor plain = Device.host(tensor.detach()).contiguous();
            for (ByteBuffer piece : pieces(plain)) {
                writeFully(channel, piece);
            }
        }
    }

    private static void writePiece(WritableByteChannel channel, Tensor piece) {
        try {
            writeTensor(channel, piece);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<ByteBuffer> pieces(Tensor contiguous) {
        long elements = contiguous.numel();
        long step = PIECE_BYTES / DType.of(contiguous).bytes();
        Tensor flat = contiguous.view(-1);
        List<ByteBuffer> pieces = new ArrayList<>();
        for (long start = 0; start < elements; start += step) {
            pieces.add(Tensors.bytes(flat.narrow(0, start, Math.min(step, elements - start))));
        }
        return pieces;
    }

    private static void readFully(ReadableByteChannel channel, ByteBuffer into, String file) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into) < 0) {
                throw new EOFException(file + " ended while it was read; expected " + into.remaining() + " more bytes");
            }
        }
    }

    private static void writeFully(WritableByteChannel channel, ByteBuffer from) throws IOException {
        while (from.hasRemaining()) {
            channel.write(from);
        }
    }
}
