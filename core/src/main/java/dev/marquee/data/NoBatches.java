package dev.marquee.data;

import org.jspecify.annotations.Nullable;

/** No rows at all. */
enum NoBatches implements BatchStream {
    INSTANCE;

    @Override
    public @Nullable Batch next() {
        return null;
    }

    @Override
    public long waitedNanos() {
        return 0;
    }

    @Override
    public void close() {}
}
