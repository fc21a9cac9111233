package dev.marquee.tensor;

import java.nio.ByteBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;

/**
 * Rows of int8 with a scale each: the smallest bfloat16 by which the row's largest value fits. A row keeps its scale as long
 * as that value stays near it, so that what does not change is not rounded again: a row that is read and written is the
 * same.
 */
final class ByteRows implements StoredRows {
    private static final int LARGEST = 127;
    /** Below, a row's largest value deserves a smaller scale. */
    private static final int SMALLEST = 120;

    private static final int HALF = 16;

    private final RowPieces memory;
    private final RowPieces scaleMemory;
    private final ByteBuffer[] pieces;
    private final ShortBuffer[] scales;
    private final int width;

    ByteRows(RowPieces memory, RowPieces scales) {
        this.memory = memory;
        this.scaleMemory = scales;
        this.pieces = memory.pieces();
        this.scales =
                Arrays.stream(scales.pieces()).map(ByteBuffer::asShortBuffer).toArray(ShortBuffer[]::new);
        this.width = memory.width();
    }

    @Override
    public void get(long row, float[] into, int at) {
        ByteBuffer piece = pieces[memory.piece(row)];
        int start = memory.start(row);
        float scale = scale(row);
        for (int k = 0; k < width; k++) {
            into[at + k] = scale * piece.get(start + k);
        }
    }

    @Override
    public void put(long row, float[] from, int at, long random) {
        float largest = 0;
        for (int k = 0; k < width; k++) {
            largest = Math.max(largest, Math.abs(from[at + k]));
        }
        float scale = scale(row);
        if (!(largest <= LARGEST * scale && largest >= SMALLEST * scale)) {
            // Not "above": what is not a number has to stay so, for the training loop to see.
            scale = largest < LARGEST * Float.MIN_NORMAL ? 0 : roundedUp(largest / LARGEST);
            scales[scaleMemory.piece(row)].put(
                    scaleMemory.start(row), (short) (Float.floatToRawIntBits(scale) >>> HALF));
        }
        ByteBuffer piece = pieces[memory.piece(row)];
        int start = memory.start(row);
        long state = Engine.mix(random + row * Draws.GAMMA);
        long bits = 0;
        for (int k = 0; k < width; k++) {
            if (k % Draws.DRAWS_A_NUMBER == 0) {
                state += Draws.GAMMA;
                bits = Engine.mix(state);
            }
            piece.put(start + k, scale > 0 ? round(from[at + k] / scale, (int) bits & 0xFFFF) : 0);
            bits >>>= HALF;
        }
    }

    @Override
    public float touch(long row) {
        return pieces[memory.piece(row)].get(memory.start(row)) + scale(row);
    }

    private float scale(long row) {
        return Float.intBitsToFloat(scales[scaleMemory.piece(row)].get(scaleMemory.start(row)) << HALF);
    }

    /** The smallest bfloat16 that is not below a positive number; infinity and what is not a number stay. */
    private static float roundedUp(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.isNaN(value) ? value : Float.intBitsToFloat((bits + 0xFFFF) & 0xFFFF0000);
    }

    /** One of the two integers around a number, the nearer the likelier. */
    private static byte round(float value, int random) {
        int below = (int) Math.floor(value);
        int rounded = below + ((value - below) * 0x1p16f > random ? 1 : 0);
        return (byte) Math.max(-LARGEST, Math.min(LARGEST, rounded));
    }
}
