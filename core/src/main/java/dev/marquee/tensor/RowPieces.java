package dev.marquee.tensor;

import java.nio.ByteBuffer;
import org.bytedeco.pytorch.Tensor;

/**
 * The memory of a matrix by rows, in buffers of a gigabyte at most, as one cannot address more than two.
 *
 * @param pieces in order
 * @param width elements of a row
 * @param shift how many bits of a row's number are its position in a piece
 */
@SuppressWarnings("ArrayRecordComponent") // read in the innermost loops, and seen by this package alone
record RowPieces(ByteBuffer[] pieces, int width, int shift) {
    private static final long LARGEST = 1L << 30;

    /** The rows of a contiguous tensor whose number of elements is a multiple of the width. */
    static RowPieces of(Tensor tensor, int width) {
        return of(tensor, width, LARGEST);
    }

    /**
     * Likewise.
     *
     * @param largest bytes of a piece, at least those of a row
     */
    static RowPieces of(Tensor tensor, int width, long largest) {
        if (!tensor.is_contiguous()) {
            throw new IllegalArgumentException(Tensors.describe(tensor) + " is not contiguous");
        }
        long rows = tensor.numel() / Math.max(1, width);
        long rowBytes = Math.max(1, (long) width * DType.of(tensor).bytes());
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(Math.max(1, largest / rowBytes));
        if (rows <= 1L << shift) {
            return new RowPieces(new ByteBuffer[] {Tensors.bytes(tensor)}, width, shift);
        }
        ByteBuffer[] pieces = new ByteBuffer[Math.toIntExact((rows + (1L << shift) - 1) >>> shift)];
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Tensor matrix = tensor.detach().view(rows, width);
            for (int i = 0; i < pieces.length; i++) {
                long first = (long) i << shift;
                pieces[i] = Tensors.bytes(matrix.narrow(0, first, Math.min(rows - first, 1L << shift)));
            }
        }
        return new RowPieces(pieces, width, shift);
    }

    /** The position, in its piece, of a row's first element. */
    int start(long row) {
        return (int) (row & ((1L << shift) - 1)) * width;
    }

    /** Which piece a row is in. */
    int piece(long row) {
        return (int) (row >>> shift);
    }
}
