package dev.marquee.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One thread of one process at a time. The lock is a file, which is never deleted, as another process may be about to
 * lock it; the system lets go of it when the process ends, however it ends.
 */
final class FolderLock implements AutoCloseable {
    /** A file's lock is the whole process's, so its threads need one of their own. */
    private static final ConcurrentHashMap<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

    private final ReentrantLock thread;
    private final FileChannel channel;

    private FolderLock(ReentrantLock thread, FileChannel channel) {
        this.thread = thread;
        this.channel = channel;
    }

    /** Takes the lock; tells when that has to wait. */
    static FolderLock acquire(Path file, Runnable waiting) throws IOException {
        FolderLock free = tryAcquire(file);
        if (free != null) {
            return free;
        }
        waiting.run();
        ReentrantLock thread = thread(file);
        thread.lock();
        return Objects.requireNonNull(locked(file, thread, true), "waited for");
    }

    /** Takes the lock if nobody has it. */
    static @Nullable FolderLock tryAcquire(Path file) throws IOException {
        ReentrantLock thread = thread(file);
        // The thread that holds it already is refused too: it is not done with what the lock protects.
        if (thread.isHeldByCurrentThread() || !thread.tryLock()) {
            return null;
        }
        return locked(file, thread, false);
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            thread.unlock();
        }
    }

    private static ReentrantLock thread(Path file) {
        return THREADS.computeIfAbsent(file.toAbsolutePath().normalize(), path -> new ReentrantLock());
    }

    private static @Nullable FolderLock locked(Path file, ReentrantLock thread, boolean wait) throws IOException {
        FileChannel channel = null;
        boolean locked = false;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = wait ? channel.lock() : channel.tryLock();
            locked = lock != null;
            return locked ? new FolderLock(thread, channel) : null;
        } finally {
            if (!locked) {
                thread.unlock();
                if (channel != null) {
                    channel.close();
                }
            }
        }
    }
}
