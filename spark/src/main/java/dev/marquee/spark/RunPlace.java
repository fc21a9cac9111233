package dev.marquee.spark;

import dev.marquee.train.RunFolders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Where a training writes, below the folder that all executors and the driver see.
 *
 * @param run the run's folder
 * @param data the rows that its processes read, as Parquet
 */
record RunPlace(Path run, Path data) {
    private static final String PARQUET = ".parquet";

    /**
     * Takes the next free number, so that several trainings may use one folder, at once too.
     *
     * @param output a path, or a URI that begins with {@code file:}
     * @param name what the runs are called
     * @throws IllegalArgumentException when it is no path of a file system that every machine has mounted
     */
    static RunPlace next(String output, String name) {
        Path root = path(output);
        try {
            Files.createDirectories(root);
            while (true) {
                Path run = RunFolders.next(root, name);
                try {
                    Files.createDirectory(run);
                    return new RunPlace(run, root.resolve("data").resolve(String.valueOf(run.getFileName())));
                } catch (FileAlreadyExistsException e) {
                    // Another training was quicker: the next number.
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a folder for the run in " + root + ": " + e.getMessage(), e);
        }
    }

    /** The path that a text names. */
    static Path path(String output) {
        int colon = output.indexOf(':');
        if (colon <= 1) { // one letter is a drive of Windows
            return Path.of(output).toAbsolutePath().normalize();
        }
        if (!output.substring(0, colon).toLowerCase(Locale.ROOT).equals("file")) {
            throw new IllegalArgumentException("outputPath is " + output
                    + ": checkpoints are written to a folder that the"
                    + " driver and all executors have mounted under one path, such as file:///shared/runs; "
                    + output.substring(0, colon) + " is not one. A finished model can be saved anywhere (model.save)");
        }
        return Path.of(URI.create(output).getPath()).normalize();
    }

    /** The folder of the data, for Spark. */
    String dataUri() {
        return data.toUri().toString();
    }

    /**
     * The data's files, as the machine sees them that asks.
     *
     * @return their names, in order
     */
    static List<String> files(Path data) {
        if (!Files.isDirectory(data)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(data)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(file -> file.endsWith(PARQUET))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + data + ": " + e.getMessage(), e);
        }
    }

    /** Deletes a folder and what is in it. */
    static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new UncheckedIOException(
                    "cannot delete " + folder + ": " + e.getMessage(),
                    e instanceof UncheckedIOException unchecked ? unchecked.getCause() : (IOException) e);
        }
    }
}
