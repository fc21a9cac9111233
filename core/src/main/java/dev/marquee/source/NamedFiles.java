package dev.marquee.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files that a query names in quotation marks, such as {@code read_csv('movies.csv')}, beside those of the source's
 * path. A relative name is that of a file in the path's folder or in the working one. Files that a pattern stands for
 * are not among them.
 */
final class NamedFiles {
    /** What stands between two neighbouring marks. Each mark may open: one in a comment must not shift the others. */
    private static final Pattern QUOTED = Pattern.compile("(?=(['\"])([^'\"\\n]+)\\1)");

    private NamedFiles() {}

    /**
     * Finds them.
     *
     * @param sql the query
     * @param folder that of the source's path; null where it has none
     * @return as they are named
     * @throws SourceException when a name stands for two files, or for one that DuckDB does not find
     */
    static List<SourceFile> of(String sql, @Nullable Path folder) {
        Map<String, SourceFile> found = new LinkedHashMap<>();
        Matcher quoted = QUOTED.matcher(sql);
        while (quoted.find()) {
            String name = quoted.group(2);
            Path file = file(name, folder);
            if (file != null) {
                found.put(name, SourceFile.of(file, name));
            }
        }
        return List.copyOf(found.values());
    }

    private static @Nullable Path file(String name, @Nullable Path folder) {
        try {
            Path here = Path.of(name);
            Path beside = folder == null ? here : folder.resolve(name);
            if (!Files.isRegularFile(beside)) {
                return Files.isRegularFile(here) ? here : null;
            }
            if (!Files.isRegularFile(here)) {
                if (String.valueOf(folder).contains(",")) {
                    throw new SourceException(name + ", which data.format.sql names, is not found in " + folder
                            + ", whose name has a comma: write the whole path in the query");
                }
                return beside;
            }
            if (!Files.isSameFile(here, beside)) {
                throw new SourceException("data.format.sql names " + name + ", which may be " + beside.toAbsolutePath()
                        + " or " + here.toAbsolutePath() + ": write the whole path in the query");
            }
            return beside;
        } catch (InvalidPathException e) {
            return null; // no name of a file on this system
        } catch (IOException e) {
            throw new SourceException(name + ", which data.format.sql names, cannot be read: " + e.getMessage(), e);
        }
    }
}
