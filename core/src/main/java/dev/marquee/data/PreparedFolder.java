package dev.marquee.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of prepared rows, one of many side by side, each named by what decides its content. It is there whole or not
 * at all: it is written under another name and renamed at the end.
 *
 * <p>Nothing removes folders that are no longer needed; the user may delete any of them, or all.
 */
final class PreparedFolder {
    private static final String TEMPORARY = ".tmp";
    private static final String LOCK = ".lock";

    private final Path root;
    private final String name;

    /**
     * A folder that may exist.
     *
     * @param root where all of them are
     * @param name hexadecimal: what decides the content
     */
    PreparedFolder(Path root, String name) {
        this.root = root;
        this.name = name;
    }

    /** Writes the content of a folder. */
    @FunctionalInterface
    interface Writer {
        void write(Path folder) throws IOException;
    }

    Path path() {
        return root.resolve(name);
    }

    Path root() {
        return root;
    }

    /**
     * Writes the folder unless it is there. Where another process or thread is about to, waits for it and takes what it
     * made. What a killed process left behind is removed.
     *
     * @param thorough whether the rows of a folder that is there are checked against their checksums
     * @return true when it was written now
     */
    boolean make(boolean thorough, Consumer<String> notices, Writer writer) throws IOException {
        Files.createDirectories(root);
        try (FolderLock lock = FolderLock.acquire(
                root.resolve(name + LOCK),
                () -> notices.accept("another run is preparing the same rows in " + root + ": waiting for it"))) {
            if (isWhole(thorough, notices)) {
                return false;
            }
            removeLeftovers();
            delete(path());
            Path temporary = root.resolve(name + "." + UUID.randomUUID() + TEMPORARY);
            try {
                Files.createDirectory(temporary);
                writer.write(temporary);
                syncFolder(temporary);
                Files.move(temporary, path(), StandardCopyOption.ATOMIC_MOVE);
                syncFolder(root);
                return true;
            } catch (IOException | RuntimeException | Error e) {
                delete(temporary);
                throw e;
            }
        }
    }

    /** The manifest, when the folder is there and whole. A damaged one is told of, and counts as absent. */
    private boolean isWhole(boolean thorough, Consumer<String> notices) throws IOException {
        if (!Files.exists(path())) {
            return false;
        }
        try {
            PreparedManifest.read(path(), thorough);
            return true;
        } catch (DataException e) {
            notices.accept(e.getMessage() + ": preparing the rows anew");
            return false;
        } catch (NoSuchFileException e) {
            notices.accept(path() + " lacks its manifest: preparing the rows anew");
            return false;
        }
    }

    /** The manifests of other folders that hold the same, but for the sources. */
    boolean hasOther(String recipe, String description) {
        if (!Files.isDirectory(root)) {
            return false;
        }
        try (Stream<Path> others = Files.list(root)) {
            return others.filter(other -> Files.exists(other.resolve(PreparedManifest.NAME)))
                    .filter(other -> !other.equals(path()) && !other.toString().endsWith(TEMPORARY))
                    .map(PreparedFolder::manifest)
                    .flatMap(Optional::stream)
                    .anyMatch(other ->
                            other.recipe().equals(recipe) && other.description().equals(description));
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    /** Removes a folder with the files in it. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }

    /** What the system said, with the file where it names one. */
    static String reason(IOException e) {
        String reason = e instanceof FileSystemException file && file.getReason() != null
                ? file.getFile() + ": " + file.getReason()
                : e.getMessage();
        return reason == null ? e.toString() : reason;
    }

    private static Optional<PreparedManifest> manifest(Path folder) {
        try {
            return Optional.of(PreparedManifest.read(folder, false));
        } catch (IOException | DataException e) {
            return Optional.empty();
        }
    }

    /** Whoever holds a folder's lock is still writing it; temporary folders whose lock is free belong to nobody. */
    private void removeLeftovers() throws IOException {
        List<Path> temporary;
        try (Stream<Path> all = Files.list(root)) {
            temporary = all.filter(path -> path.toString().endsWith(TEMPORARY)).toList();
        }
        for (Path folder : temporary) {
            String file = folder.getFileName().toString();
            String owner = file.substring(0, file.indexOf('.'));
            if (owner.equals(name)) {
                delete(folder);
                continue;
            }
            try (@Nullable FolderLock free = FolderLock.tryAcquire(root.resolve(owner + LOCK))) {
                if (free != null) {
                    delete(folder);
                }
            }
        }
    }

    /** Makes names durable. Windows has no such thing as opening a folder, and needs none. */
    private static void syncFolder(Path folder) throws IOException {
        if (!System.getProperty("os.name").startsWith("Windows")) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
