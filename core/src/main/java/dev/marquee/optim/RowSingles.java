package dev.marquee.optim;

import dev.marquee.tensor.Numbers;
import java.nio.IntBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Changes rows one by one in double precision, whatever their type. For rows of 16 float32 that takes less time than copying
 * blocks of them to arrays, in which the compiler computes with vector instructions in single precision: the copies cost
 * more than the arithmetic.
 */
final class RowSingles {
    /** So many rows are brought into the cache together, before they are changed: twice as fast as one by one. */
    private static final int BLOCK = 32;

    private final Side fixed;
    private final Side grown;
    private final long fixedRows;
    private final int width;
    private final boolean[] perRow;

    /** Whatever is read ahead ends here, so that reading it is not optimised away. */
    @SuppressWarnings("unused")
    private volatile double sink;

    /**
     * Rows of one kind, and what is remembered of each.
     *
     * @param weight their values
     * @param moments in the order of the rule's
     * @param lastUsed the step of their last update; null without decay
     */
    @SuppressWarnings("ArrayRecordComponent") // read in the innermost loop, and seen by this package alone
    record Side(Numbers weight, Numbers[] moments, @Nullable Numbers lastUsed) {}

    /**
     * What happens in one step.
     *
     * @param update the rule
     * @param kept what decay leaves of a row in one step
     * @param number of the step
     */
    record Step(RowRule.Update update, double kept, long number) {}

    /**
     * Rows.
     *
     * @param fixed those that are always there
     * @param grown those that appeared in training, numbered after them
     * @param fixedRows how many of the former there are
     * @param width of a row
     * @param perRow for each moment, whether it is one number a row
     */
    RowSingles(Side fixed, Side grown, long fixedRows, int width, boolean[] perRow) {
        this.fixed = fixed;
        this.grown = grown;
        this.fixedRows = fixedRows;
        this.width = width;
        this.perRow = perRow;
    }

    /**
     * What the decay of all steps since a row was last used, or appeared, leaves of it, this step included; notes that it
     * was used.
     *
     * @param lastUsed by row
     * @param row which
     * @param kept what one step leaves
     * @param step the number of this step
     * @param wasAlwaysThere whether steps before its first use count
     */
    static double decay(Numbers lastUsed, long row, double kept, long step, boolean wasAlwaysThere) {
        double used = lastUsed.get(row);
        lastUsed.set(row, step);
        return Math.pow(kept, used > 0 || wasAlwaysThere ? step - used : 1);
    }

    /**
     * Changes the rows in some positions.
     *
     * @param rows which row is in which position
     * @param gradients of the positions
     * @param from the first position
     * @param to after the last
     */
    void apply(Step step, IntBuffer rows, Numbers gradients, int from, int to) {
        double read = 0;
        for (int start = from; start < to; start += BLOCK) {
            int end = Math.min(to, start + BLOCK);
            for (int position = start; position < end; position++) {
                read += touch(rows.get(position));
            }
            for (int position = start; position < end; position++) {
                change(step, rows.get(position), gradients, position);
            }
        }
        sink = read;
    }

    private double touch(int row) {
        Side side = row < fixedRows ? fixed : grown;
        long at = row < fixedRows ? row : row - fixedRows;
        double sum = side.weight().get(at * width);
        for (int i = 0; i < perRow.length; i++) {
            sum += side.moments()[i].get(perRow[i] ? at : at * width);
        }
        return sum;
    }

    private void change(Step step, int row, Numbers gradients, int position) {
        boolean isFixed = row < fixedRows;
        Side side = isFixed ? fixed : grown;
        long at = isFixed ? row : row - fixedRows;
        if (side.lastUsed() != null) {
            double factor = decay(side.lastUsed(), at, step.kept(), step.number(), isFixed);
            for (long i = at * width; i < (at + 1) * width; i++) {
                side.weight().set(i, side.weight().get(i) * factor);
            }
        }
        step.update().apply(side.weight(), side.moments(), at, gradients, position, width);
    }
}
