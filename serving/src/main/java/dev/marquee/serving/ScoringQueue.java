package dev.marquee.serving;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Requests that wait to be scored, and the threads that score them. A thread that is free takes a request at once; what has
 * gathered while all were busy is scored together where requests are small, up to a number of rows. There is no waiting for
 * more to come.
 */
final class ScoringQueue implements AutoCloseable {
    /**
     * What is scored together. A call costs some 150 to 200 µs however few rows there are, which small requests share; what
     * is computed once for a user is computed for each row where several users stand in one batch, which for DIN with a
     * history of 50 costs 200 rows twice the time: from about 40 rows on a request is faster alone.
     */
    private static final int SMALL = 32;

    private static final int ROWS_AT_ONCE = 256;

    /** Rows that wait, whatever the number of requests: encoded, a row takes some hundreds of bytes. */
    private static final int MOST_ROWS = 1 << 17;

    private static final System.Logger LOG = System.getLogger("dev.marquee.serving");

    private final Batches scorer;
    private final ServerMetrics metrics;
    private final BlockingQueue<Job> waiting;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger rowsWaiting = new AtomicInteger();
    private volatile boolean closing;

    /** Scores several requests as one batch. */
    @FunctionalInterface
    interface Batches {
        List<Scores> score(List<EncodedRequest> requests);
    }

    /** A request, until when it may be scored, and who waits for that. */
    private record Job(EncodedRequest request, long queued, long deadline, CompletableFuture<Scores> answer) {}

    ScoringQueue(Batches scorer, int threadCount, int capacity, ServerMetrics metrics) {
        this.scorer = scorer;
        this.metrics = metrics;
        this.waiting = new ArrayBlockingQueue<>(capacity);
        for (int i = 0; i < threadCount; i++) {
            Thread thread = new Thread(this::work, "marquee-scorer-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    /** How many wait. */
    int size() {
        return waiting.size();
    }

    /**
     * Queues a request.
     *
     * @param deadline in {@link System#nanoTime()}
     * @return completed with the scores, or a {@link RequestException}
     * @throws RequestException when the queue is full
     */
    CompletableFuture<Scores> submit(EncodedRequest request, long deadline) {
        Job job = new Job(request, System.nanoTime(), deadline, new CompletableFuture<>());
        int rows = request.rows();
        // One request alone is always taken, however many rows it has.
        boolean room = rowsWaiting.getAndAdd(rows) <= MOST_ROWS;
        if (closing || !room || !waiting.offer(job)) {
            rowsWaiting.addAndGet(-rows);
            throw shed();
        }
        return job.answer();
    }

    /**
     * Refuses a request that would find no room, before it is read: under more load than can be scored, reading what is
     * refused would take the time of what is not.
     *
     * @throws RequestException when the queue is full
     */
    void requireRoom() {
        if (waiting.remainingCapacity() == 0 || rowsWaiting.get() > MOST_ROWS) {
            throw shed();
        }
    }

    /** Scores what waits, then ends the threads. */
    @Override
    public void close() {
        closing = true;
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join(Duration.ofSeconds(1).toMillis());
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        while (true) {
            try {
                Job first = waiting.poll(20, TimeUnit.MILLISECONDS);
                if (first != null) {
                    score(together(first));
                } else if (closing) {
                    return;
                }
            } catch (InterruptedException e) {
                return; // nobody but a process that ends interrupts it
            }
        }
    }

    /** With what has gathered behind it. */
    private List<Job> together(Job first) {
        List<Job> jobs = new ArrayList<>();
        int rows = 0;
        for (Job job = first; job != null; ) {
            rowsWaiting.addAndGet(-job.request().rows());
            if (System.nanoTime() - job.deadline() >= 0) {
                job.answer()
                        .completeExceptionally(new RequestException(
                                RequestException.DEADLINE, "the deadline passed before the request was scored"));
            } else {
                jobs.add(job);
                rows += job.request().rows();
            }
            Job next = waiting.peek();
            // Another thread may take it meanwhile, and this one a larger one: it does no harm.
            job = next != null
                            && small(next)
                            && small(first)
                            && rows + next.request().rows() <= ROWS_AT_ONCE
                    ? waiting.poll()
                    : null;
        }
        return jobs;
    }

    private RequestException shed() {
        metrics.shed();
        return new RequestException(
                RequestException.TOO_MANY_REQUESTS, "too many requests wait to be scored: try again in a second");
    }

    private static boolean small(Job job) {
        return job.request().rows() <= SMALL;
    }

    private void score(List<Job> jobs) {
        if (jobs.isEmpty()) {
            return;
        }
        long started = System.nanoTime();
        jobs.forEach(job -> metrics.stage("queue", started - job.queued()));
        try {
            List<Scores> scores = scorer.score(jobs.stream().map(Job::request).toList());
            metrics.batch(jobs.size(), System.nanoTime() - started);
            for (int i = 0; i < jobs.size(); i++) {
                jobs.get(i).answer().complete(scores.get(i));
            }
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "scoring failed", e);
            jobs.forEach(job -> job.answer().completeExceptionally(e));
            if (e instanceof VirtualMachineError error && !(e instanceof OutOfMemoryError)) {
                throw error;
            }
        }
    }
}
