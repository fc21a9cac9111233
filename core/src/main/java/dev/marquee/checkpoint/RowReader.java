package dev.marquee.checkpoint;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.RowSubset;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.Checksum;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Reads tensors of a safetensors file, whole or some rows of them, of which no more than a block is in memory besides. */
final class RowReader {
    /** The longest piece that is handed to the operating system at once. */
    private static final long PIECE_BYTES = 1 << 26;

    private final FileChannel channel;
    private final String file;
    private final long start;

    /**
     * Of an open file.
     *
     * @param file its name for messages
     * @param start where the data begin, after the header
     */
    RowReader(FileChannel channel, String file, long start) {
        this.channel = channel;
        this.file = file;
        this.start = start;
    }

    /**
     * Reads a tensor.
     *
     * @param sum told of its bytes
     * @return in the open scope
     */
    Tensor whole(SafetensorsHeader.Entry entry, Checksum sum) throws IOException {
        boolean bool = entry.type() == DType.BOOL;
        Tensor tensor = Tensors.empty(bool ? DType.UINT8 : entry.type(), entry.sizes());
        Tensor flat = tensor.view(-1);
        long step = PIECE_BYTES / DType.of(tensor).bytes();
        channel.position(start + entry.begin());
        for (long at = 0; at < tensor.numel(); at += step) {
            fill(Tensors.bytes(flat.narrow(0, at, Math.min(step, tensor.numel() - at))), sum);
        }
        // Any byte but 0 is true; the engine itself is undefined for bytes other than 0 and 1.
        return bool ? tensor.ne(new Scalar(0)) : tensor;
    }

    /**
     * Reads the rows of a tensor that are wanted.
     *
     * @param stored which rows of the whole the file has
     * @param wanted which rows of the whole are wanted
     * @param into {@code [wanted.count(), …]}: where to put those that the file has
     * @param sum told of all bytes of the tensor
     */
    void rows(SafetensorsHeader.Entry entry, RowSubset stored, RowSubset wanted, Tensor into, Checksum sum)
            throws IOException {
        long[] shape = entry.sizes();
        long rows = shape[0];
        long rowBytes = Math.max(1, rows == 0 ? 1 : (entry.end() - entry.begin()) / rows);
        long atOnce = Math.max(1, PIECE_BYTES / rowBytes);
        channel.position(start + entry.begin());
        for (long first = 0; first < rows; first += atOnce) {
            try (Scope scope = Scope.open()) {
                shape[0] = Math.min(atOnce, rows - first);
                Tensor block = Tensors.empty(entry.type(), shape);
                fill(Tensors.bytes(block), sum);
                wanted.copy(into, stored.block(first, shape[0]), block);
            }
        }
    }

    private void fill(ByteBuffer piece, Checksum sum) throws IOException {
        while (piece.hasRemaining()) {
            if (channel.read(piece) < 0) {
                throw new EOFException(
                        file + " ended while it was read; expected " + piece.remaining() + " more bytes");
            }
        }
        sum.update(piece.flip());
    }
}
