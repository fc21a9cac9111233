package dev.marquee.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Files that are there whole or not at all, whatever happens while they are written. */
public final class AtomicFile {
    /** How the names of unfinished files end. */
    static final String TEMPORARY = ".tmp";

    private AtomicFile() {}

    /** Writes the content to the path that it is given. */
    @FunctionalInterface
    public interface Writer {
        /**
         * Writes.
         *
         * @param temporary where to; does not exist yet
         * @throws IOException when it cannot be written
         */
        void write(Path temporary) throws IOException;
    }

    /**
     * Writes a file under a temporary name beside the target, flushes it to the disk, and renames it. When anything
     * fails, the target is what it was before and the temporary file is gone.
     *
     * @param target the file
     * @param writer writes the content
     * @throws IOException when it cannot be written
     */
    public static void write(Path target, Writer writer) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        Path temporary = folder.resolve("." + target.getFileName() + TEMPORARY);
        try {
            Files.deleteIfExists(temporary);
            writer.write(temporary);
            sync(temporary, StandardOpenOption.WRITE);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncFolder(folder);
        } catch (IOException | RuntimeException | Error e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
    }

    /**
     * Writes text, in UTF-8.
     *
     * @param target the file
     * @param text its content
     * @throws IOException when it cannot be written
     */
    public static void writeText(Path target, String text) throws IOException {
        write(target, temporary -> Files.writeString(temporary, text, StandardCharsets.UTF_8));
    }

    private static void sync(Path path, StandardOpenOption how) throws IOException {
        try (FileChannel channel = FileChannel.open(path, how)) {
            channel.force(true);
        }
    }

    /** Makes the rename itself durable. Windows has no such thing as opening a folder, and needs none. */
    private static void syncFolder(Path folder) throws IOException {
        if (!System.getProperty("os.name").startsWith("Windows")) {
            sync(folder, StandardOpenOption.READ);
        }
    }
}
