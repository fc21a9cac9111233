package dev.marquee.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files that a path stands for, in the order of their names, all of one format.
 *
 * @param files at least one
 * @param kind CSV, PARQUET or JSON
 * @param folder the folder that was given, or that of the file
 */
record SourceFiles(List<SourceFile> files, SourceConfig.Kind kind, Path folder) {
    private static final String WILDCARDS = "*?[{";

    /**
     * Finds them.
     *
     * @param given a file, a folder or a glob
     * @param kind the format, or AUTO
     */
    static SourceFiles find(String given, SourceConfig.Kind kind) {
        Path path = path(given);
        List<SourceFile> found;
        Path folder;
        if (path != null && Files.isDirectory(path)) {
            folder = path;
            found = folder(path, kind);
        } else if (path != null && Files.exists(path)) {
            folder = parent(path);
            found = List.of(SourceFile.of(path, String.valueOf(path.getFileName())));
        } else if (given.chars().anyMatch(c -> WILDCARDS.indexOf(c) >= 0)) {
            folder = base(given);
            found = glob(given);
        } else {
            throw new SourceException("there is no file " + given
                    + (Path.of(given).isAbsolute() ? "" : " in " + Path.of("").toAbsolutePath()));
        }
        return new SourceFiles(found, kind == SourceConfig.Kind.AUTO ? common(found) : kind, folder);
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? Path.of("") : parent;
    }

    /** Null where the text cannot be a path on this system, such as a glob on Windows. */
    private static @Nullable Path path(String given) {
        try {
            return Path.of(given);
        } catch (InvalidPathException e) {
            return null;
        }
    }

    private static List<SourceFile> folder(Path folder, SourceConfig.Kind kind) {
        List<SourceFile> files = walk(folder, path -> {
            SourceConfig.Kind named = SourceFile.byName(path);
            return named != null && (kind == SourceConfig.Kind.AUTO || kind == named);
        });
        if (files.isEmpty()) {
            throw new SourceException("the folder " + folder + " holds no files named as "
                    + (kind == SourceConfig.Kind.AUTO ? "CSV, Parquet or JSON" : kind)
                    + " (.csv .tsv .txt .parquet .jsonl .json, also .gz .zst): name others by a glob, such as "
                    + folder.resolve("*"));
        }
        return files;
    }

    private static List<SourceFile> glob(String given) {
        int slash = slash(given);
        Path base = base(given);
        String pattern = slash < 0 ? given : given.substring(slash + 1);
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        List<SourceFile> files =
                Files.isDirectory(base) ? walk(base, path -> matcher.matches(base.relativize(path))) : List.of();
        if (files.isEmpty()) {
            throw new SourceException("no file matches " + given
                    + (slash < 0 ? " in " + Path.of("").toAbsolutePath() : "")
                    + "; * stands for part of a name, ** for folders too");
        }
        return files;
    }

    /** The folder below which a glob's files lie. */
    private static Path base(String given) {
        int slash = slash(given);
        return Path.of(slash < 0 ? "." : slash == 0 ? "/" : given.substring(0, slash));
    }

    /** Where the last slash before the first wildcard is; -1 where there is none. */
    private static int slash(String given) {
        int wildcard = 0;
        while (WILDCARDS.indexOf(given.charAt(wildcard)) < 0) {
            wildcard++;
        }
        return given.lastIndexOf('/', wildcard);
    }

    /** All files below a folder but hidden ones, in the order of their names. */
    private static List<SourceFile> walk(Path base, Predicate<Path> wanted) {
        List<Path> paths;
        try (Stream<Path> all = Files.walk(base)) {
            paths = all.filter(path -> !hidden(base.relativize(path)))
                    .filter(wanted)
                    .filter(Files::isRegularFile)
                    .sorted(Comparator.comparing(path -> base.relativize(path).toString()))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new SourceException("the folder " + base + " cannot be read: " + e.getMessage(), e);
        }
        List<SourceFile> files = new ArrayList<>();
        for (Path path : paths) {
            files.add(SourceFile.of(path, base.relativize(path).toString().replace('\\', '/')));
        }
        return files;
    }

    /** Names that begin with a dot, or with an underscore, as the marks of Spark and Hive do. */
    private static boolean hidden(Path relative) {
        for (Path part : relative) {
            String name = part.toString();
            if (name.startsWith("_") || (name.startsWith(".") && name.length() > 1)) {
                return true;
            }
        }
        return false;
    }

    private static SourceConfig.Kind common(List<SourceFile> files) {
        Map<SourceConfig.Kind, String> examples = new TreeMap<>();
        files.forEach(file -> examples.putIfAbsent(file.kind(), file.name()));
        if (examples.size() > 1) {
            throw new SourceException("files of several formats together: " + examples
                    + "; choose one with data.format.kind, or by a glob such as *.parquet");
        }
        return examples.keySet().iterator().next();
    }
}
