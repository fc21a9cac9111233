package dev.marquee.tensor;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Some rows of a matrix, evenly spaced: {@code first}, {@code first + step}, and so on below {@code end}. What one of
 * several processes keeps of a matrix that they share.
 *
 * @param first the first row, at least 0; {@code end} where there is none
 * @param step the distance of two rows that follow each other, at least 1
 * @param end no row is at or above it: the number of rows of the matrix
 */
public record RowSubset(long first, long step, long end) {
    /** Checks the values. */
    public RowSubset {
        if (first < 0 || first > end || step < 1) {
            throw new IllegalArgumentException(
                    "rows " + first + ", " + first + " + " + step + ", … of " + end + " are no subset");
        }
    }

    /**
     * Every row.
     *
     * @param rows how many the matrix has
     * @return the whole
     */
    public static RowSubset all(long rows) {
        return new RowSubset(0, 1, rows);
    }

    /**
     * No row at all.
     *
     * @param rows how many the matrix has
     * @return nothing
     */
    public static RowSubset none(long rows) {
        return new RowSubset(rows, 1, rows);
    }

    /**
     * How many rows these are.
     *
     * @return at least 0
     */
    public long count() {
        return (end - first + step - 1) / step;
    }

    /**
     * Some of these rows that follow each other.
     *
     * @param from the position of the first among these rows
     * @param count how many, those beyond the last left out
     * @return the rows
     */
    public RowSubset block(long from, long count) {
        long begin = Math.min(end, first + from * step);
        return new RowSubset(begin, step, Math.min(end, begin + count * step));
    }

    /**
     * These rows of a matrix.
     *
     * @param whole {@code [rows, …]}, all rows of the matrix
     * @return {@code [count(), …]}: a view
     */
    public Tensor of(Tensor whole) {
        return slice(whole, first, count(), step);
    }

    /**
     * Copies the rows that these have in common with others.
     *
     * @param into {@code [count(), …]}: these rows
     * @param others which rows there are to be copied
     * @param values {@code [others.count(), …]}: their values
     */
    public void copy(Tensor into, RowSubset others, Tensor values) {
        if (count() == 0 || others.count() == 0) {
            return;
        }
        long row = common(others);
        long limit = Math.min(last(), others.last()) + 1;
        if (row >= limit) {
            return;
        }
        long period = step / gcd(step, others.step) * others.step;
        long count = (limit - row + period - 1) / period;
        slice(into, (row - first) / step, count, period / step)
                .copy_(slice(values, (row - others.first) / others.step, count, period / others.step));
    }

    /**
     * Whether these have rows in common with others.
     *
     * @param others rows of the same matrix
     * @return false where the two are apart
     */
    public boolean meets(RowSubset others) {
        return count() > 0 && others.count() > 0 && common(others) <= Math.min(last(), others.last());
    }

    /** The first row that both have, were they to go on for ever; beyond all where there is none. */
    private long common(RowSubset others) {
        long later = Math.max(first, others.first);
        long row = first + (later - first + step - 1) / step * step;
        long turns = others.step / gcd(step, others.step);
        for (long i = 0; i < turns; i++, row += step) {
            if ((row - others.first) % others.step == 0) {
                return row;
            }
        }
        return Long.MAX_VALUE;
    }

    private long last() {
        return first + (count() - 1) * step;
    }

    private static Tensor slice(Tensor tensor, long from, long count, long step) {
        if (step == 1 || count == 0) {
            return tensor.narrow(0, Math.min(from, tensor.size(0)), count);
        }
        return tensor.slice(0, new LongOptional(from), new LongOptional(from + (count - 1) * step + 1), step);
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
