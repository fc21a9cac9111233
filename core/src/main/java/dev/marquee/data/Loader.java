package dev.marquee.data;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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
    private final Assembler assembler;
    private final int samples;
    private final int batchSize;
    private final int batches;
    private final List<Slot> slots;
    private final List<Thread> readers = new ArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition slotFreed = lock.newCondition();
    private final Condition batchReady = lock.newCondition();

    // Guarded by the lock. Batches below "consumed" are done with; batches from "claimed" on are nobody's yet.
    private int claimed;
    private int claimable;
    private int consumed;
    private boolean holding;
    private boolean closed;
    private long waitedNanos;

    private Loader(
            Assembler assembler, int height, int width, int samples, int batchSize, int firstBatch, int prefetch) {
        this.assembler = assembler;
        this.samples = samples;
        this.batchSize = batchSize;
        this.batches = batches(samples, batchSize);
        this.claimed = firstBatch;
        this.consumed = firstBatch;
        this.claimable = batches;
        this.arena = Arena.open("batches read ahead");
        try {
            // One more than is read ahead: the batch that the consumer holds.
            this.slots = allocate(Math.min(prefetch + 1L, batches - firstBatch), height, width);
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
        set.requireIndices(order);
        int[] indices = order.clone();
        return open(
                (first, count, pictures, targets) -> set.write(indices, first, count, pictures, targets),
                new int[] {indices.length, set.height(), set.width()},
                batchSize,
                firstBatch,
                readers,
                prefetch);
    }

    /** With any assembler; the shape is that of all samples: {@code [samples, height, width]}. */
    static Loader open(Assembler assembler, int[] shape, int batchSize, int firstBatch, int readers, int prefetch) {
        requireAtLeastOne("batch size", batchSize);
        requireAtLeastOne("number of readers", readers);
        requireAtLeastOne("number of batches to prefetch", prefetch);
        int batches = batches(shape[0], batchSize);
        if (firstBatch < 0 || firstBatch > batches) {
            throw new IllegalArgumentException("the first batch must be 0 to " + batches + ", as " + shape[0]
                    + " samples make " + batches + " batches of " + batchSize + ", not " + firstBatch);
        }
        long bytes = (long) Math.min(batchSize, shape[0]) * shape[1] * shape[2] * DType.FLOAT32.bytes();
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a batch of " + Math.min(batchSize, shape[0]) + " pictures of " + shape[1]
                            + " × " + shape[2] + " takes " + bytes + " bytes, more than the 2 GiB allowed: lower"
                            + " data.batch_size");
        }
        Loader loader = new Loader(assembler, shape[1], shape[2], shape[0], batchSize, firstBatch, prefetch);
        try {
            loader.start(readers);
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
        lock.lock();
        try {
            if (holding) {
                holding = false;
                slot(consumed).clear();
                consumed++;
                slotFreed.signal();
            }
            requireOpen();
            if (consumed == batches) {
                return null;
            }
            Slot slot = slot(consumed);
            if (!slot.isDone()) {
                await(slot);
            }
            Throwable failure = slot.failure();
            if (failure != null) {
                throw new DataException(
                        "batch " + consumed + " could not be assembled: "
                                + (failure.getMessage() == null ? failure.toString() : failure.getMessage()),
                        failure);
            }
            holding = true;
            return slot.batch(count(consumed));
        } finally {
            lock.unlock();
        }
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
        lock.lock();
        try {
            return waitedNanos;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Stops the threads, also in the middle of an epoch, and frees the memory of all batches. Closing twice is harmless.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            slotFreed.signalAll();
            batchReady.signalAll();
        } finally {
            lock.unlock();
        }
        // The memory must outlive the last write into it, so an interrupt does not cut this short.
        boolean interrupted = false;
        for (Thread reader : readers) {
            while (reader.isAlive()) {
                try {
                    reader.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        arena.close();
    }

    private void start(int count) {
        for (int i = 0; i < Math.min(count, slots.size()); i++) {
            Thread reader = new Thread(this::read, "marquee-reader-" + (i + 1));
            reader.setDaemon(true);
            readers.add(reader);
            reader.start();
        }
    }

    /** What a reader does until there is nothing left. */
    private void read() {
        for (int batch = claim(); batch >= 0; batch = claim()) {
            Slot slot = slot(batch);
            Throwable failure = null;
            try {
                assembler.fill(batch * batchSize, count(batch), slot.pictures(), slot.targets());
            } catch (Throwable e) {
                failure = e;
            }
            report(batch, slot, failure);
        }
    }

    /** Takes the next batch that nobody has, as soon as there is memory for it; -1 when there is none left. */
    private int claim() {
        lock.lock();
        try {
            while (!closed && claimed < claimable && claimed - consumed >= slots.size()) {
                slotFreed.awaitUninterruptibly();
            }
            return closed || claimed >= claimable ? -1 : claimed++;
        } finally {
            lock.unlock();
        }
    }

    private void report(int batch, Slot slot, @Nullable Throwable failure) {
        lock.lock();
        try {
            slot.finish(failure);
            if (failure != null) {
                // The consumer still gets the batches before this one; none after it is of use.
                claimable = Math.min(claimable, batch);
                slotFreed.signalAll();
            }
            batchReady.signal();
        } finally {
            lock.unlock();
        }
    }

    private void await(Slot slot) {
        long start = System.nanoTime();
        try {
            while (!slot.isDone()) {
                batchReady.await();
                requireOpen();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for batch " + consumed, e);
        } finally {
            waitedNanos += System.nanoTime() - start;
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the loader is closed");
        }
    }

    private List<Slot> allocate(long count, int height, int width) {
        List<Slot> made = new ArrayList<>();
        int capacity = Math.min(batchSize, samples);
        int rest = samples % batchSize % Math.max(1, capacity);
        try (Scope scope = Scope.open()) {
            for (int i = 0; i < count; i++) {
                made.add(new Slot(arena, capacity, rest, height, width));
            }
        }
        return made;
    }

    private Slot slot(int batch) {
        return slots.get(batch % slots.size());
    }

    private int count(int batch) {
        return Math.min(batchSize, samples - batch * batchSize);
    }

    private static int batches(int samples, int batchSize) {
        return (int) ((samples + (long) batchSize - 1) / batchSize);
    }

    private static void requireAtLeastOne(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("the " + what + " must be at least 1, not " + value);
        }
    }
}
