package dev.marquee.nn;

import dev.marquee.profile.Tally;
import dev.marquee.tensor.FloatRows;
import dev.marquee.tensor.Numbers;
import dev.marquee.tensor.Ranges;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import org.bytedeco.pytorch.Tensor;

/**
 * The backward pass of a lookup: sums the gradients of all places that show the same row. What {@code
 * embedding_dense_backward} does over a small table, three to four times as fast, and always in the order of the places:
 * the sums do not depend on the number of threads.
 */
final class RowSums {
    private static final int ROWS_WORTH_A_THREAD = 4096;
    /** Narrower rows take less time than copying them to an array. */
    private static final int WIDE = 8;

    private RowSums() {}

    /**
     * Adds to the sums.
     *
     * @param sums {@code [distinct, width]}, contiguous; the first row is padding and left alone
     * @param positions in {@code sums}, int32 of any shape
     * @param gradients {@code [..., width]}, one for each position
     */
    static void add(Tensor sums, Tensor positions, Tensor gradients) {
        Tally.bytes(gradients, 1);
        Tally.bytes(sums, 2);
        int width = Math.toIntExact(sums.size(1));
        try (Scope scope = Scope.open()) {
            Tensor given = gradients.contiguous();
            IntBuffer where = Tensors.bytes(positions).asIntBuffer();
            if (width >= WIDE && FloatRows.suits(sums) && FloatRows.suits(given)) {
                FloatRows into = FloatRows.of(sums);
                FloatRows from = FloatRows.of(given);
                Ranges.split(
                        1,
                        Math.toIntExact(sums.size(0)),
                        ROWS_WORTH_A_THREAD,
                        (first, end) -> add(into, where, from, width, first, end));
                return;
            }
            Numbers into = Numbers.of(sums);
            Numbers from = Numbers.of(given);
            Ranges.split(
                    1,
                    Math.toIntExact(sums.size(0)),
                    ROWS_WORTH_A_THREAD,
                    (first, end) -> add(into, where, from, width, first, end));
        }
    }

    private static void add(FloatRows into, IntBuffer where, FloatRows from, int width, int first, int end) {
        float[] sum = new float[width];
        float[] room = new float[width];
        int count = where.limit();
        for (int i = 0; i < count; i++) {
            int position = where.get(i);
            if (position >= first && position < end) {
                into.get(position, sum, 0);
                from.addTo(i, sum, room);
                into.put(position, sum, 0);
            }
        }
    }

    private static void add(Numbers into, IntBuffer where, Numbers from, int width, int first, int end) {
        int count = where.limit();
        for (int i = 0; i < count; i++) {
            int position = where.get(i);
            if (position >= first && position < end) {
                long target = (long) position * width;
                long source = (long) i * width;
                for (int k = 0; k < width; k++) {
                    into.set(target + k, into.get(target + k) + from.get(source + k));
                }
            }
        }
    }
}
