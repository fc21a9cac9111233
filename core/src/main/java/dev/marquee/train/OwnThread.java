package dev.marquee.train;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A thread on which one piece of work is done at a time, whoever asks for it. */
final class OwnThread {
    private final ExecutorService thread;
    private final String whose;

    /**
     * @param name of the thread
     * @param whose for the message, once it is closed
     */
    OwnThread(String name, String whose) {
        this.whose = whose;
        this.thread = Executors.newSingleThreadExecutor(work -> {
            Thread own = new Thread(work, name);
            own.setDaemon(true);
            return own;
        });
    }

    /** Does some work; an interrupt does not cut it short, as native memory is at work. */
    <T> T call(Callable<T> work) {
        if (thread.isShutdown()) {
            throw new IllegalStateException(whose + " is closed");
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

    boolean isShutdown() {
        return thread.isShutdown();
    }

    void shutdown() {
        thread.shutdown();
    }
}
