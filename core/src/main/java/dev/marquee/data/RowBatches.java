package dev.marquee.data;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Batches of encoded rows, from the prepared form or from a feed. */
final class RowBatches implements BatchStream {
    private final List<RowMemory> memories = new ArrayList<>();
    private final Ring<RowMemory> ring;
    private Runnable closing = () -> {};

    private RowBatches(
            RowFormat format, int capacity, int firstBatch, int batches, int prefetch, Ring.Filler<RowMemory> filler) {
        // One more than is read ahead: the batch that the consumer holds.
        long count = Math.min(prefetch + 1L, batches - firstBatch);
        try {
            for (int i = 0; i < count; i++) {
                memories.add(new RowMemory(format, Math.max(1, capacity))); // an empty share has memory too
            }
        } catch (RuntimeException | Error e) {
            memories.forEach(RowMemory::close);
            throw e;
        }
        this.ring = new Ring<>(memories, firstBatch, batches, filler);
    }

    /**
     * From prepared rows.
     *
     * @param rows the rows
     * @param format of them
     * @param order which of them, in this order; null for all, one after the other
     * @param share which rows of each batch
     * @param batchSize rows in a batch, at least 1; the last has what is left
     * @param firstBatch the number of the batch to begin with, from 0
     * @param prefetch batches that are assembled ahead, at least 1
     */
    static RowBatches prepared(
            MappedRows rows,
            RowFormat format,
            int @Nullable [] order,
            Share share,
            int batchSize,
            int firstBatch,
            int prefetch) {
        return open(rows, format, order, null, share, batchSize, firstBatch, prefetch);
    }

    /**
     * From prepared rows larger than memory: as the above, in the order of blocks, which are read ahead.
     *
     * @param order which rows come when
     */
    static RowBatches inBlocks(
            MappedRows rows,
            RowFormat format,
            BlockOrder order,
            Share share,
            int batchSize,
            int firstBatch,
            int prefetch) {
        return open(rows, format, order.order(), order, share, batchSize, firstBatch, prefetch);
    }

    private static RowBatches open(
            MappedRows rows,
            RowFormat format,
            int @Nullable [] order,
            @Nullable BlockOrder blocks,
            Share share,
            int batchSize,
            int firstBatch,
            int prefetch) {
        long count = order == null ? rows.rows() : order.length;
        require(batchSize, prefetch);
        Ring.requireFirstBatch(firstBatch, count, batchSize);
        int capacity = share.count((int) Math.min(batchSize, count));
        RowWarmer warmer = blocks == null ? null : rows.warmer();
        RowBatches made = new RowBatches(
                format, capacity, firstBatch, Ring.batches(count, batchSize), prefetch, (batch, memory) -> {
                    long first = (long) batch * batchSize;
                    int whole = (int) Math.min(batchSize, count - first);
                    if (blocks != null && warmer != null) {
                        blocks.ahead(first, first + batchSize, batch == firstBatch, warmer::warm);
                    }
                    return assemble(rows, order, first + share.from(whole), share.count(whole), memory);
                });
        if (warmer != null) {
            made.closing = warmer::close;
        }
        made.ring.start(1);
        return made;
    }

    /** From a feed, all of its rows. */
    static RowBatches streamed(
            Supplier<RowFeed> opening, RowFormat format, int batchSize, int firstBatch, int prefetch) {
        return streamed(opening, format, Long.MAX_VALUE, Share.ALL, batchSize, firstBatch, prefetch);
    }

    /**
     * From a feed.
     *
     * @param opening opens the feed, on the thread that reads it
     * @param format of the rows
     * @param rows how many there are, or more
     * @param share which rows of each batch; the others are read and left out
     * @param batchSize rows in a batch, at least 1; the last has what is left
     * @param firstBatch the number of the batch to begin with, from 0; the rows before it are read and left out
     * @param prefetch batches that are assembled ahead, at least 1
     */
    static RowBatches streamed(
            Supplier<RowFeed> opening,
            RowFormat format,
            long rows,
            Share share,
            int batchSize,
            int firstBatch,
            int prefetch) {
        require(batchSize, prefetch);
        if (firstBatch < 0) {
            throw new IllegalArgumentException("the first batch must be at least 0, not " + firstBatch);
        }
        Feeder feeder = new Feeder(opening, rows, share, batchSize, firstBatch);
        RowBatches made =
                new RowBatches(format, share.count(batchSize), firstBatch, Ring.UNKNOWN, prefetch, feeder::fill);
        made.closing = feeder::close;
        made.ring.start(1);
        return made;
    }

    @Override
    public @Nullable Batch next() {
        return ring.next();
    }

    /** The memory of the batch that {@link #next()} gave last. */
    RowMemory current() {
        return ring.current();
    }

    @Override
    public long waitedNanos() {
        return ring.waitedNanos();
    }

    @Override
    public void close() {
        ring.close();
        closing.run();
        memories.forEach(RowMemory::close);
    }

    private static Batch assemble(MappedRows rows, int @Nullable [] order, long first, int size, RowMemory memory) {
        memory.begin(size);
        try {
            for (int i = 0; i < size; i++) {
                rows.read(order == null ? first + i : order[(int) first + i], memory, i);
            }
        } catch (IndexOutOfBoundsException | InternalError e) {
            // An internal error is how Java reports a mapped file that became shorter.
            throw new DataException("the prepared rows are damaged: delete " + rows.folder(), e);
        }
        return memory.finish(size);
    }

    private static void require(int batchSize, int prefetch) {
        Ring.requireAtLeastOne("batch size", batchSize);
        Ring.requireAtLeastOne("number of batches to prefetch", prefetch);
    }

    /** Opens the feed when the first batch is wanted. Only one reader fills, so batches come in order. */
    private static final class Feeder implements AutoCloseable {
        private final Supplier<RowFeed> opening;
        private final long rows;
        private final Share share;
        private final int batchSize;
        private final long skipped;
        private @Nullable RowFeed feed;

        Feeder(Supplier<RowFeed> opening, long rows, Share share, int batchSize, int firstBatch) {
            this.opening = opening;
            this.rows = rows;
            this.share = share;
            this.batchSize = batchSize;
            this.skipped = (long) firstBatch * batchSize;
        }

        @Nullable
        Batch fill(int batch, RowMemory memory) {
            RowFeed reading = feed == null ? open() : feed;
            int whole = (int) Math.min(batchSize, Math.max(0, rows - (long) batch * batchSize));
            int own = share.count(whole);
            memory.begin(own);
            int before = skip(reading, share.from(whole));
            int size = 0;
            for (int more = -1; size < own && more != 0; size += more) {
                more = reading.next(memory, size, own - size);
            }
            int after = skip(reading, batchSize - share.end(whole));
            if (before + size + after == 0) {
                return null;
            }
            reading.complete(memory);
            return memory.finish(size);
        }

        private static int skip(RowFeed reading, int count) {
            int skipped = 0;
            while (skipped < count && reading.skip()) {
                skipped++;
            }
            return skipped;
        }

        private RowFeed open() {
            RowFeed opened = opening.get();
            feed = opened;
            for (long i = 0; i < skipped; i++) {
                if (!opened.skip()) {
                    break;
                }
            }
            return opened;
        }

        @Override
        public void close() {
            if (feed != null) {
                feed.close();
            }
        }
    }
}
