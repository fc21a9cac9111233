package dev.marquee.data;

/** Encoded rows, one after the other, as they are to appear in batches. One thread at a time. */
interface RowFeed extends AutoCloseable {
    /** Puts the next row into a batch's memory; false when there is none. */
    boolean next(RowMemory memory, int index);

    /**
     * Puts the next rows into a batch's memory.
     *
     * @param index where the first goes
     * @param most how many at most, at least 1
     * @return how many there were at once; 0 when there is none
     */
    default int next(RowMemory memory, int index, int most) {
        return next(memory, index) ? 1 : 0;
    }

    /** Leaves a row out; false when there is none. */
    boolean skip();

    /** Told when a batch has its rows. */
    default void complete(RowMemory memory) {}

    @Override
    void close();
}
