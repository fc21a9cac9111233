package dev.marquee.cli.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** A temporary folder that is removed when it is closed, and when the process is told to end before that. */
final class BenchFolder implements AutoCloseable {
    /** Whoever is still writing when the process ends may be in the middle of making files. */
    private static final int ATTEMPTS = 20;

    private static final long PAUSE_MILLIS = 50;

    private final Path path;
    private final Thread hook;

    private BenchFolder(Path path) {
        this.path = path;
        this.hook = new Thread(this::removeAtTheEnd, "marquee-bench-cleanup");
    }

    static BenchFolder create() {
        try {
            BenchFolder made = new BenchFolder(Files.createTempDirectory("marquee-bench-data"));
            Runtime.getRuntime().addShutdownHook(made.hook);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException("there is no room for temporary files: " + e.getMessage(), e);
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException("temporary files are left in " + path + ": delete them", e);
        } finally {
            forgetHook();
        }
    }

    /** Removes a folder with all that is in it; one that is not there is fine. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE; // removed meanwhile
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    void removeAtTheEnd() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                delete(path);
                return;
            } catch (IOException e) {
                pause();
            }
        }
        System.err.println("marquee: temporary files are left in " + path + ": delete them");
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void forgetHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is going down already, which is what the hook is for.
        }
    }
}
