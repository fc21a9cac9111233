package dev.marquee.optim;

import dev.marquee.tensor.FloatRows;
import dev.marquee.tensor.Numbers;
import dev.marquee.tensor.StoredRows;
import java.nio.IntBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Changes rows that are kept in fewer bits than they are computed with: a block of them is read as float32, updated, and
 * rounded back.
 */
final class RowBlocks {
    /** Rows of a block: few enough to stay in the fastest cache with what is remembered of them. */
    private static final int BLOCK = 32;

    private final StoredRows weight;
    private final FloatRows[] moments;
    private final boolean[] perRow;
    private final @Nullable Numbers lastUsed;
    private final int width;

    /** Whatever is read ahead ends here, so that reading it is not optimised away. */
    @SuppressWarnings("unused")
    private volatile float sink;

    /**
     * What happens in one step.
     *
     * @param update the rule
     * @param kept what decay leaves of a row in one step
     * @param number of the step
     * @param random for rounding
     */
    record Step(BlockRule.Update update, double kept, long number, long random) {}

    /**
     * Rows.
     *
     * @param weight their values
     * @param moments in the order of the rule's
     * @param perRow for each moment, whether it is one number a row
     * @param lastUsed the step of their last update; null without decay
     * @param width of a row
     */
    RowBlocks(StoredRows weight, FloatRows[] moments, boolean[] perRow, @Nullable Numbers lastUsed, int width) {
        this.weight = weight;
        this.moments = moments.clone();
        this.perRow = perRow.clone();
        this.lastUsed = lastUsed;
        this.width = width;
    }

    /**
     * Changes the rows in some positions.
     *
     * @param rows which row is in which position
     * @param gradients of the positions
     * @param from the first position
     * @param to after the last
     */
    void apply(Step step, IntBuffer rows, FloatRows gradients, int from, int to) {
        int size = Math.min(BLOCK, to - from) * width;
        float[] values = new float[size];
        float[] gradient = new float[size];
        float[][] remembered = new float[moments.length][size];
        float read = 0;
        for (int start = from; start < to; start += BLOCK) {
            int count = Math.min(to - start, BLOCK);
            for (int i = 0; i < count; i++) {
                read += touch(rows.get(start + i));
            }
            gradients.get(start, gradient, 0, count);
            for (int i = 0; i < count; i++) {
                take(step, rows.get(start + i), values, remembered, i);
            }
            step.update().apply(values, remembered, gradient, count, width);
            for (int i = 0; i < count; i++) {
                give(step, rows.get(start + i), values, remembered, i);
            }
        }
        sink = read;
    }

    /** Brings a row into the cache, as its neighbours in the block are brought there. */
    private float touch(int row) {
        float sum = weight.touch(row);
        for (FloatRows moment : moments) {
            sum += moment.touch(row);
        }
        return sum;
    }

    private void take(Step step, int row, float[] values, float[][] remembered, int i) {
        weight.get(row, values, i * width);
        for (int m = 0; m < moments.length; m++) {
            moments[m].get(row, remembered[m], perRow[m] ? i : i * width);
        }
        if (lastUsed != null) {
            // In double precision: in single, a factor so near to 1 has few significant digits left.
            double factor = RowSingles.decay(lastUsed, row, step.kept(), step.number(), /* wasAlwaysThere= */ true);
            for (int k = i * width; k < (i + 1) * width; k++) {
                values[k] = (float) (values[k] * factor);
            }
        }
    }

    private void give(Step step, int row, float[] values, float[][] remembered, int i) {
        weight.put(row, values, i * width, step.random());
        for (int m = 0; m < moments.length; m++) {
            moments[m].put(row, remembered[m], perRow[m] ? i : i * width);
        }
    }
}
