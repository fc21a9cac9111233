package dev.marquee.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a training end well when the process is told to end (Ctrl-C, SIGTERM): asks it to stop, and holds the process
 * until it has.
 */
final class Interrupt implements AutoCloseable {
    /** A step and a checkpoint take seconds at most; a disk that hangs must not keep the process for ever. */
    private static final long PATIENCE_SECONDS = 60;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;

    private Interrupt(Runnable requestStop) {
        this.hook = new Thread(
                () -> {
                    requestStop.run();
                    awaitEnd();
                },
                "marquee-interrupt");
    }

    static Interrupt arm(Runnable requestStop) {
        Interrupt interrupt = new Interrupt(requestStop);
        Runtime.getRuntime().addShutdownHook(interrupt.hook);
        return interrupt;
    }

    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is going down already, which is what the hook is for.
        }
    }

    private void awaitEnd() {
        try {
            if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("marquee: gave up waiting for the training to save");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
