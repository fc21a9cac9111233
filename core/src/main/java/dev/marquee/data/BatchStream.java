package dev.marquee.data;

import org.jspecify.annotations.Nullable;

/** Batches in a fixed order, assembled ahead on threads of their own. */
public interface BatchStream extends AutoCloseable {
    /**
     * The next batch.
     *
     * @return its tensors stay valid until the following call; null at the end
     */
    @Nullable
    Batch next();

    /**
     * How long {@link #next()} has waited for data altogether.
     *
     * @return nanoseconds
     */
    long waitedNanos();

    /** Stops the threads. */
    @Override
    void close();
}
