package dev.marquee.data;

import dev.marquee.schema.FeatureSchema;
import dev.marquee.schema.RawChunk;

/** A batch made of rows at hand, encoded as those of a source are: for who is given rows instead of reading them. */
public final class ChunkBatch implements AutoCloseable {
    private final RowMemory memory;
    private final Batch batch;

    private ChunkBatch(RowMemory memory, Batch batch) {
        this.memory = memory;
        this.batch = batch;
    }

    /**
     * Encodes rows.
     *
     * @param schema encodes them
     * @param rows at least 1, with every column of the features; labels, weight, group and time may be absent
     * @return the batch; close it when nothing uses its tensors any more
     * @throws dev.marquee.schema.RowException where a column is missing, or a value is refused
     * @throws IllegalArgumentException when there is no row
     */
    public static ChunkBatch encode(FeatureSchema schema, RawChunk rows) {
        if (rows.rows() == 0) {
            throw new IllegalArgumentException("a batch has at least 1 row");
        }
        RowMemory memory = new RowMemory(RowFormat.of(schema), rows.rows());
        try {
            memory.begin(rows.rows());
            memory.put(0, schema.encode(rows), 0, rows.rows());
            return new ChunkBatch(memory, memory.finish(rows.rows()));
        } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }

    /**
     * The rows.
     *
     * @return valid until {@link #close}
     */
    public Batch batch() {
        return batch;
    }

    /** Frees the memory. */
    @Override
    public void close() {
        memory.close();
    }
}
