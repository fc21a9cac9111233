package dev.marquee.data;

/** Encoded rows, one after the other, as they are to appear in batches. One thread at a time. */
interface RowFeed extends AutoCloseable {
    /** Puts the next row into a batch's memory; false when there is none. */
    boolean next(RowMemory memory, int index);

    /** Leaves a row out; false when there is none. */
    boolean skip();

    /** Told when a batch has its rows. */
    default void complete(RowMemory memory) {}

    @Override
    void close();
}
