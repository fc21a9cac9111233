package dev.marquee.tensor;

import java.nio.ByteBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;

/** Rows of float16. */
final class HalfRows implements StoredRows {
    private static final int SIGN = 0x8000;
    private static final int LARGEST = 0x7BFF;
    private static final int INFINITE = 0x7C00;
    private static final int NOT_A_NUMBER = 0x7E00;

    private static final int FLOAT_INFINITE = 0x7F800000;
    /** The bits of 2^-14, the smallest number that float16 holds with all significant bits. */
    private static final int FLOAT_NORMAL = 0x38800000;
    /** What the exponents of both types differ by. */
    private static final int BIAS = 112 << 23;
    /** The significant bits that float32 has more. */
    private static final int DROPPED = 13;

    private final RowPieces memory;
    private final ShortBuffer[] pieces;
    private final int width;

    HalfRows(RowPieces memory) {
        this.memory = memory;
        this.pieces =
                Arrays.stream(memory.pieces()).map(ByteBuffer::asShortBuffer).toArray(ShortBuffer[]::new);
        this.width = memory.width();
    }

    @Override
    public void get(long row, float[] into, int at) {
        ShortBuffer piece = pieces[memory.piece(row)];
        int start = memory.start(row);
        for (int k = 0; k < width; k++) {
            into[at + k] = toFloat(piece.get(start + k));
        }
    }

    @Override
    public void put(long row, float[] from, int at, long random) {
        ShortBuffer piece = pieces[memory.piece(row)];
        int start = memory.start(row);
        long state = Engine.mix(random + row * Draws.GAMMA);
        long bits = 0;
        for (int k = 0; k < width; k++) {
            if (k % Draws.DRAWS_A_NUMBER == 0) {
                state += Draws.GAMMA;
                bits = Engine.mix(state);
            }
            piece.put(start + k, round(from[at + k], (int) bits & 0xFFFF));
            bits >>>= Short.SIZE;
        }
    }

    @Override
    public float touch(long row) {
        return pieces[memory.piece(row)].get(memory.start(row));
    }

    /** The number that a half-precision one is. */
    static float toFloat(short half) {
        int size = half & 0x7FFF;
        int bits = size >= INFINITE
                ? FLOAT_INFINITE | size << DROPPED
                // The smallest ones have no leading one to be rebiased: a product does both.
                : Float.floatToRawIntBits(Float.intBitsToFloat(size << DROPPED) * 0x1p112f);
        return Float.intBitsToFloat(bits | (half & SIGN) << 16);
    }

    /**
     * One of the two half-precision numbers around a number, the nearer the likelier.
     *
     * @param random uniform from 0 to 65,535
     */
    static short round(float value, int random) {
        int bits = Float.floatToRawIntBits(value);
        int size = bits & Integer.MAX_VALUE;
        int rounded;
        if (size >= FLOAT_INFINITE) {
            rounded = size == FLOAT_INFINITE ? INFINITE : NOT_A_NUMBER;
        } else if (size >= FLOAT_NORMAL) {
            rounded = Math.min((size - BIAS + (random & ((1 << DROPPED) - 1))) >>> DROPPED, LARGEST);
        } else {
            float scaled = Float.intBitsToFloat(size) * 0x1p24f;
            int below = (int) scaled;
            rounded = below + ((scaled - below) * 0x1p16f > random ? 1 : 0);
        }
        return (short) (rounded | (bits >>> 16 & SIGN));
    }
}
