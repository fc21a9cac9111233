package dev.marquee.checkpoint;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
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

    private Safetensors(Map<String, String> metadata, Map<String, Tensor> tensors, Arena arena) {
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
        Arena arena = Arena.open("tensors of " + file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            SafetensorsHeader header = readHeader(channel, file.toString());
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (SafetensorsHeader.Entry entry : header.entries()) {
                try (Scope scope = Scope.open()) {
                    tensors.put(entry.name(), arena.keep(readTensor(channel, entry, file.toString())));
                }
            }
            return new Safetensors(header.metadata(), tensors, arena);
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
            throw e;
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
        SafetensorsHeader header = header(tensors, metadata);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            write(channel, header, tensors);
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
        write(channel, header(tensors, metadata), tensors);
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

    private static SafetensorsHeader readHeader(FileChannel channel, String file) throws IOException {
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

    private static Tensor readTensor(FileChannel channel, SafetensorsHeader.Entry entry, String file)
            throws IOException {
        boolean bool = entry.type() == DType.BOOL;
        Tensor tensor = Tensors.empty(bool ? DType.UINT8 : entry.type(), entry.sizes());
        for (ByteBuffer piece : pieces(tensor)) {
            readFully(channel, piece, file);
        }
        // Any byte but 0 is true; the engine itself is undefined for bytes other than 0 and 1.
        return bool ? tensor.ne(new Scalar(0)) : tensor;
    }

    private static SafetensorsHeader header(Map<String, Tensor> tensors, Map<String, String> metadata) {
        if (tensors.containsKey("__metadata__")) {
            throw new IllegalArgumentException("no tensor may be named __metadata__");
        }
        // Wide types first, then by name: every tensor is aligned to its element size.
        List<String> names = new ArrayList<>(tensors.keySet());
        names.sort(
                Comparator.comparingInt((String name) -> -typeOf(name, tensors).bytes())
                        .thenComparing(Comparator.naturalOrder()));
        List<SafetensorsHeader.Entry> entries = new ArrayList<>();
        long offset = 0;
        for (String name : names) {
            Tensor tensor = tensors.get(name);
            DType type = typeOf(name, tensors);
            long end = offset + tensor.numel() * type.bytes();
            List<Long> shape = Arrays.stream(Tensors.shape(tensor)).boxed().toList();
            entries.add(new SafetensorsHeader.Entry(name, type, shape, offset, end));
            offset = end;
        }
        return new SafetensorsHeader(metadata, entries);
    }

    private static DType typeOf(String name, Map<String, Tensor> tensors) {
        try {
            return DType.of(tensors.get(name));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tensor \"" + name + "\": " + e.getMessage(), e);
        }
    }

    private static void write(WritableByteChannel channel, SafetensorsHeader header, Map<String, Tensor> tensors)
            throws IOException {
        writeFully(channel, ByteBuffer.wrap(header.encode()));
        for (SafetensorsHeader.Entry entry : header.entries()) {
            try (Scope scope = Scope.open()) {
                Tensor plain = tensors.get(entry.name()).detach().cpu().contiguous();
                for (ByteBuffer piece : pieces(plain)) {
                    writeFully(channel, piece);
                }
            }
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
