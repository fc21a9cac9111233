package dev.marquee.data;

/**
 * Which rows of each batch one of several readers takes: neighbours, as many for each as for the others, or one more.
 * The shares of all readers together are the batch, in order.
 *
 * @param rank which reader, from 0
 * @param world how many readers there are, at least 1
 */
public record Share(int rank, int world) {
    /** Every row. */
    public static final Share ALL = new Share(0, 1);

    /** Checks the numbers. */
    public Share {
        if (world < 1 || rank < 0 || rank >= world) {
            throw new IllegalArgumentException(
                    "a share is one of 0 to world - 1, of a world of at least 1, not " + rank + " of " + world);
        }
    }

    /**
     * Where the share of a batch begins.
     *
     * @param size of the batch
     * @return its first row
     */
    public int from(int size) {
        return (int) ((long) size * rank / world);
    }

    /**
     * Where the share of a batch ends.
     *
     * @param size of the batch
     * @return the row after its last one; {@link #from} where the share is empty
     */
    public int end(int size) {
        return (int) ((long) size * (rank + 1) / world);
    }

    /**
     * How many rows of a batch belong to the share.
     *
     * @param size of the batch
     * @return from 0 to size
     */
    public int count(int size) {
        return end(size) - from(size);
    }
}
