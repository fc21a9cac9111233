package dev.marquee.data;

import dev.marquee.schema.FeatureSchema;
import dev.marquee.schema.RawChunk;
import dev.marquee.source.RowSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rows in batches for evaluation and prediction, encoded with a given schema straight from their source, in its order.
 *
 * <p>Labels, weight, group and time may be absent: targets are NaN then, weights 1, and there are no groups.
 */
public final class RowStream implements BatchStream {
    private final RowBatches batches;

    private RowStream(RowBatches batches) {
        this.batches = batches;
    }

    /**
     * Opens a stream; its thread starts at once.
     *
     * @param schema encodes the rows
     * @param rows the rows
     * @param keys columns whose values {@link #keys()} gives; may be empty
     * @param batchSize rows in a batch, at least 1; the last has what is left
     * @param prefetch batches that are assembled ahead, at least 1
     * @return the stream; close it
     * @throws DataException when the source lacks a column of the features or a key
     * @throws IllegalArgumentException when a number is out of range
     */
    public static RowStream open(FeatureSchema schema, RowSource rows, List<String> keys, int batchSize, int prefetch) {
        Set<String> columns = new LinkedHashSet<>(schema.config().featureColumns());
        columns.addAll(keys);
        RowColumns.require(rows, columns);
        for (String name : schema.config().columns()) {
            if (rows.columns().contains(name)) {
                columns.add(name);
            }
        }
        PartRows all = PartRows.all(rows, columns);
        List<String> wanted = List.copyOf(keys);
        return new RowStream(RowBatches.streamed(
                () -> new Keyed(new RowCursor(schema, all), wanted), RowFormat.of(schema), batchSize, 0, prefetch));
    }

    @Override
    public @Nullable Batch next() {
        return batches.next();
    }

    /**
     * The keys of the batch that {@link #next()} gave last.
     *
     * @return exactly the rows of that batch, with the columns asked for, in their order
     * @throws IllegalStateException when there is no batch
     */
    public RawChunk keys() {
        return batches.current().keys();
    }

    @Override
    public long waitedNanos() {
        return batches.waitedNanos();
    }

    @Override
    public void close() {
        batches.close();
    }

    /** Rows, and what identifies them. */
    private static final class Keyed implements RowFeed {
        private final RowCursor cursor;
        private final RawPieces pieces;

        Keyed(RowCursor cursor, List<String> keys) {
            this.cursor = cursor;
            this.pieces = new RawPieces(keys);
        }

        @Override
        public boolean next(RowMemory memory, int index) {
            return next(memory, index, 1) == 1;
        }

        @Override
        public int next(RowMemory memory, int index, int most) {
            int count = cursor.next(memory, index, most);
            if (count > 0) {
                pieces.add(cursor.raw(), cursor.row() + 1 - count, cursor.row() + 1);
            }
            return count;
        }

        @Override
        public boolean skip() {
            return cursor.skip();
        }

        @Override
        public void complete(RowMemory memory) {
            memory.keep(pieces.take());
        }

        @Override
        public void close() {
            cursor.close();
        }
    }
}
