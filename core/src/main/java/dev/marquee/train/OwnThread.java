package dev.marquee.train;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** One thread that does what callers on other threads wait for. */
final class OwnThread {
    private final String closed;
    private final ExecutorService thread;

    /**
     * Starts nothing yet.
     *
     * @param name of the thread
     * @param closed what is told to who calls after the end
     */
    OwnThread(String name, String closed) {
        this.closed = closed;
        this.thread = Executors.newSingleThreadExecutor(work -> {
            Thread own = new Thread(work, name);
            own.setDaemon(true);
            return own;
        });
    }

    /** On the thread; an interrupt does not cut it short, as native memory is at work. */
    <T> T call(Callable<T> work) {
        if (thread.isShutdown()) {
            throw new IllegalStateException(closed);
        }
        Future<T> future = thread.submit(work);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    boolean ended() {
        return thread.isShutdown();
    }

    void end() {
        thread.shutdown();
    }
}
