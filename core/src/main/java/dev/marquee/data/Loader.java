package dev.marquee.data;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Assembles the batches of one epoch ahead, on threads of its own, in memory that is used over and over.
 *
 * <pre>{@code
 * try (Loader loader = Loader.open(set, Order.shuffled(set.size(), seed, epoch), 20, 0, 1, 4)) {
 *     for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
 *         ...
 *     }
 * }
 * }</pre>
 *
 * <p>The batches come in the order given, whatever the number of readers. The tensors of a batch are valid until the
 * following call of {@link #next()}, which hands their memory to the readers; what must live longer is cloned. One thread
 * consumes.
 */
public final class Loader implements BatchStream {
    /** Fills the memory of a batch with samples; called from several threads. */
    interface Assembler {
        void fill(int firstSample, int count, FloatBuffer pictures, LongBuffer targets);
    }

    private final Arena arena;
    private final int batches;
    private final Ring<Slot> ring;

    private Loader(Assembler assembler, int[] shape, Share share, int batchSize, int firstBatch, int prefetch) {
        int samples = shape[0];
        this.batches = Ring.batches(samples, batchSize);
        this.arena = Arena.open("batches read ahead");
        try {
            // One more than is read ahead: the batch that the consumer holds.
            long count = Math.min(prefetch + 1L, batches - firstBatch);
            this.ring = new Ring<>(allocate(count, shape, share, batchSize), firstBatch, batches, (batch, slot) -> {
                int first = batch * batchSize;
                int whole = Math.min(batchSize, samples - first);
                int size = share.count(whole);
                assembler.fill(first + share.from(whole), size, slot.pictures(), slot.targets());
                return slot.batch(size);
            });
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Opens a loader; its threads start at once.
     *
     * @param set the pictures
     * @param order which of them, in this order: {@link Order#shuffled} or {@link Order#sequential}
     * @param batchSize samples in a batch, at least 1; the last batch has what is left
     * @param firstBatch the number of the batch to start with, from 0: more than 0 to resume in the middle
     * @param readers threads that assemble batches, at least 1
     * @param prefetch batches that are assembled ahead, at least 1
     * @return the loader; close it
     * @throws IllegalArgumentException when a number is out of range, the order names a picture that the set lacks, or a
     *     batch takes more than 2 GiB
     */
    public static Loader open(PictureSet set, int[] order, int batchSize, int firstBatch, int readers, int prefetch) {
        return open(set, order, Share.ALL, batchSize, firstBatch, readers, prefetch);
    }

    /** As the other one, of a share of each batch. */
    static Loader open(
            PictureSet set, int[] order, Share share, int batchSize, int firstBatch, int readers, int prefetch) {
        set.requireIndices(order);
        int[] indices = order.clone();
        return open(
                (first, count, pictures, targets) -> set.write(indices, first, count, pictures, targets),
                new int[] {indices.length, set.height(), set.width()},
                share,
                batchSize,
                firstBatch,
                readers,
                prefetch);
    }

    /** With any assembler; the shape is that of all samples: {@code [samples, height, width]}. */
    static Loader open(Assembler assembler, int[] shape, int batchSize, int firstBatch, int readers, int prefetch) {
        return open(assembler, shape, Share.ALL, batchSize, firstBatch, readers, prefetch);
    }

    private static Loader open(
            Assembler assembler, int[] shape, Share share, int batchSize, int firstBatch, int readers, int prefetch) {
        Ring.requireAtLeastOne("batch size", batchSize);
        Ring.requireAtLeastOne("number of readers", readers);
        Ring.requireAtLeastOne("number of batches to prefetch", prefetch);
        Ring.requireFirstBatch(firstBatch, shape[0], batchSize);
        long bytes = (long) Math.min(batchSize, shape[0]) * shape[1] * shape[2] * DType.FLOAT32.bytes();
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a batch of " + Math.min(batchSize, shape[0]) + " pictures of " + shape[1]
                            + " × " + shape[2] + " takes " + bytes + " bytes, more than the 2 GiB allowed: lower"
                            + " data.batch_size");
        }
        Loader loader = new Loader(assembler, shape, share, batchSize, firstBatch, prefetch);
        try {
            loader.ring.start(readers);
            return loader;
        } catch (RuntimeException | Error e) {
            loader.close();
            throw e;
        }
    }

    /**
     * The next batch. The one before it is no longer valid.
     *
     * @return the batch, or null after the last one
     * @throws DataException when reading it failed, with the reader's message
     * @throws IllegalStateException when the loader is closed, or the thread is interrupted while it waits
     */
    @Override
    public @Nullable Batch next() {
        return ring.next();
    }

    /**
     * The number of batches of the whole epoch, those before the first one counted.
     *
     * @return at least 0
     */
    public int batches() {
        return batches;
    }

    /**
     * How long {@link #next()} has waited for batches that were not ready: near 0 when loading keeps up.
     *
     * @return nanoseconds since the loader was opened
     */
    @Override
    public long waitedNanos() {
        return ring.waitedNanos();
    }

    /**
     * Stops the threads, also in the middle of an epoch, and frees the memory of all batches. Closing twice is harmless.
     */
    @Override
    public void close() {
        ring.close();
        arena.close();
    }

    private List<Slot> allocate(long count, int[] shape, Share share, int batchSize) {
        List<Slot> made = new ArrayList<>();
        int full = Math.min(batchSize, shape[0]);
        int rest = shape[0] % batchSize;
        try (Scope scope = Scope.open()) {
            for (int i = 0; i < count; i++) {
                made.add(new Slot(arena, share.count(full), share.count(rest == 0 ? full : rest), shape[1], shape[2]));
            }
        }
        return made;
    }
}
