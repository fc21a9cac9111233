package dev.marquee.parallel;

/**
 * What the steps of one member have given to the exchanges of gradients.
 *
 * @param steps how many there were
 * @param dense bytes of gradients of weights, as this member had them ready to send, once for all others
 * @param rows bytes of gradients of rows, and of their numbers, likewise
 * @param early bytes whose sums were there when the backward pass ended
 */
public record Traffic(long steps, long dense, long rows, long early) {
    /** Of no step. */
    public static final Traffic NONE = new Traffic(0, 0, 0, 0);

    /**
     * All bytes.
     *
     * @return dense ones and those of rows
     */
    public long bytes() {
        return dense + rows;
    }

    /**
     * How much of it was there early.
     *
     * @return from 0 to 1; 0 where nothing was sent
     */
    public double share() {
        return bytes() == 0 ? 0 : (double) early / bytes();
    }

    /** With a step more. */
    Traffic plus(long moreDense, long moreRows, long moreEarly) {
        return new Traffic(steps + 1, dense + moreDense, rows + moreRows, early + moreEarly);
    }

    /**
     * What came after another count.
     *
     * @param other the earlier one
     * @return the difference
     */
    public Traffic since(Traffic other) {
        return new Traffic(steps - other.steps, dense - other.dense, rows - other.rows, early - other.early);
    }
}
