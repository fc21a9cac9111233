package dev.marquee.data;

import dev.marquee.schema.RowException;
import dev.marquee.source.SourceException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Batches assembled ahead, on threads of its own, in memory that is used over and over.
 *
 * <p>The batches come in order, whatever the number of readers; with one reader they are also assembled in order. A batch
 * is valid until the following call of {@link #next()}, which hands its memory to the readers. One thread consumes.
 *
 * @param <M> the memory of one batch
 */
final class Ring<M> implements AutoCloseable {
    /** How many batches there are where only the end of the data tells. */
    static final int UNKNOWN = Integer.MAX_VALUE;

    /**
     * Assembles a batch.
     *
     * @param <M> the memory of one batch
     */
    @FunctionalInterface
    interface Filler<M> {
        /** Called from several threads where there are several readers; null when there is no such batch any more. */
        @Nullable
        Batch fill(int batch, M memory);
    }

    /** One place of the ring. All but the memory is guarded by the ring's lock. */
    private static final class Cell<M> {
        private final M memory;
        private boolean ready;
        private @Nullable Batch batch;
        private @Nullable Throwable failure;

        Cell(M memory) {
            this.memory = memory;
        }
    }

    private final Filler<M> filler;
    private final List<Cell<M>> cells;
    private final List<Thread> readers = new ArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition cellFreed = lock.newCondition();
    private final Condition batchReady = lock.newCondition();

    // Guarded by the lock. Batches below "consumed" are done with; batches from "claimed" on are nobody's yet.
    private int claimed;
    private int claimable;
    private int consumed;
    private int end;
    private boolean holding;
    private boolean closed;
    private long waitedNanos;

    /**
     * Made without threads.
     *
     * @param memories of the batches read ahead and of the one that the consumer holds
     * @param firstBatch the number of the batch to begin with, from 0
     * @param batches how many there are, those before the first one counted, or {@link #UNKNOWN}
     * @param filler assembles
     */
    Ring(List<M> memories, int firstBatch, int batches, Filler<M> filler) {
        this.cells = memories.stream().map(memory -> new Cell<>(memory)).toList();
        this.claimed = firstBatch;
        this.consumed = firstBatch;
        this.claimable = batches;
        this.end = batches;
        this.filler = filler;
    }

    /** The number of batches of so many samples. */
    static int batches(long samples, int batchSize) {
        return Math.toIntExact((samples + batchSize - 1) / batchSize);
    }

    /** Refuses the numbers that make no ring; shared by all loaders. */
    static void requireAtLeastOne(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("the " + what + " must be at least 1, not " + value);
        }
    }

    /** Refuses a first batch that does not exist, unless it is the one after the last. */
    static void requireFirstBatch(int firstBatch, long samples, int batchSize) {
        int batches = batches(samples, batchSize);
        if (firstBatch < 0 || firstBatch > batches) {
            throw new IllegalArgumentException("the first batch must be 0 to " + batches + ", as " + samples
                    + " samples make " + batches + " batches of " + batchSize + ", not " + firstBatch);
        }
    }

    /** Starts the threads, at most one for each memory. */
    void start(int count) {
        for (int i = 0; i < Math.min(count, cells.size()); i++) {
            Thread reader = new Thread(this::read, "marquee-reader-" + (i + 1));
            reader.setDaemon(true);
            readers.add(reader);
            reader.start();
        }
    }

    /** The next batch, or null after the last one. */
    @Nullable
    Batch next() {
        lock.lock();
        try {
            if (holding) {
                holding = false;
                cell(consumed).ready = false;
                consumed++;
                cellFreed.signal();
            }
            requireOpen();
            if (consumed == end) {
                return null;
            }
            Cell<M> cell = cell(consumed);
            if (!cell.ready) {
                await(cell);
            }
            if (cell.failure != null) {
                throw failed(cell.failure);
            }
            if (cell.batch == null) {
                end = consumed;
                return null;
            }
            holding = true;
            return cell.batch;
        } finally {
            lock.unlock();
        }
    }

    /** The memory of the batch that {@link #next()} gave last. */
    M current() {
        lock.lock();
        try {
            if (!holding) {
                throw new IllegalStateException("there is no batch: call next() first");
            }
            return cell(consumed).memory;
        } finally {
            lock.unlock();
        }
    }

    long waitedNanos() {
        lock.lock();
        try {
            return waitedNanos;
        } finally {
            lock.unlock();
        }
    }

    /** Stops the threads, also in the middle. When it returns, none of them touches a memory any more. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            cellFreed.signalAll();
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
    }

    /** What a reader does until there is nothing left. */
    private void read() {
        for (int number = claim(); number >= 0; number = claim()) {
            Cell<M> cell = cell(number);
            Batch batch = null;
            Throwable failure = null;
            try {
                batch = filler.fill(number, cell.memory);
            } catch (Throwable e) {
                failure = e;
            }
            report(number, cell, batch, failure);
        }
    }

    /** Takes the next batch that nobody has, as soon as there is memory for it; -1 when there is none left. */
    private int claim() {
        lock.lock();
        try {
            while (!closed && claimed < claimable && claimed - consumed >= cells.size()) {
                cellFreed.awaitUninterruptibly();
            }
            return closed || claimed >= claimable ? -1 : claimed++;
        } finally {
            lock.unlock();
        }
    }

    private void report(int number, Cell<M> cell, @Nullable Batch batch, @Nullable Throwable failure) {
        lock.lock();
        try {
            cell.ready = true;
            cell.batch = batch;
            cell.failure = failure;
            if (batch == null) {
                // The consumer still gets the batches before this one; none after it is of use.
                claimable = Math.min(claimable, number);
                cellFreed.signalAll();
            }
            batchReady.signal();
        } finally {
            lock.unlock();
        }
    }

    private void await(Cell<M> cell) {
        long start = System.nanoTime();
        try {
            while (!cell.ready) {
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

    private DataException failed(Throwable failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        // What names its place already needs no number of a batch, which says nothing to a user.
        boolean clear = failure instanceof DataException
                || failure instanceof RowException
                || failure instanceof SourceException;
        return new DataException(
                clear ? message : "batch " + consumed + " could not be assembled: " + message, failure);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the loader is closed");
        }
    }

    private Cell<M> cell(int batch) {
        return cells.get(batch % cells.size());
    }
}
