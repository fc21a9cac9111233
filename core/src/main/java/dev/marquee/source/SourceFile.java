package dev.marquee.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A file of rows as it was when it was found.
 *
 * @param path where it is
 * @param name how messages and the fingerprint call it: relative to the folder that was given
 * @param size in bytes
 * @param modified when, in milliseconds since 1970
 */
record SourceFile(Path path, String name, long size, long modified) {
    private static final List<String> COMPRESSIONS = List.of(".gz", ".zst");

    static SourceFile of(Path path, String name) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            if (!Files.isReadable(path)) {
                throw new SourceException(path + " may not be read by this user: change its permissions");
            }
            if (attributes.size() == 0) {
                throw new SourceException(path + " is empty");
            }
            return new SourceFile(
                    path, name, attributes.size(), attributes.lastModifiedTime().toMillis());
        } catch (IOException e) {
            throw new SourceException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The format that a file's name tells; null where it tells none. */
    static SourceConfig.@Nullable Kind byName(Path path) {
        String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        for (String compression : COMPRESSIONS) {
            if (name.endsWith(compression)) {
                name = name.substring(0, name.length() - compression.length());
                break;
            }
        }
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "csv", "tsv", "tab", "txt" -> SourceConfig.Kind.CSV;
            case "parquet", "pq" -> SourceConfig.Kind.PARQUET;
            case "json", "jsonl", "ndjson" -> SourceConfig.Kind.JSON;
            default -> null;
        };
    }

    /** The format: by the name, or else by the first byte that is no blank. */
    SourceConfig.Kind kind() {
        SourceConfig.Kind named = byName(path);
        if (named != null) {
            return named;
        }
        byte[] start = start();
        if (start.length >= 4 && start[0] == 'P' && start[1] == 'A' && start[2] == 'R' && start[3] == '1') {
            return SourceConfig.Kind.PARQUET;
        }
        for (byte b : start) {
            if (b > ' ') {
                return b == '{' ? SourceConfig.Kind.JSON : SourceConfig.Kind.CSV;
            }
        }
        return SourceConfig.Kind.CSV;
    }

    /** Refuses what only looks like lines in UTF-8. */
    void checkText() {
        byte[] start = start();
        int first = start.length > 0 ? start[0] & 0xFF : 0;
        int second = start.length > 1 ? start[1] & 0xFF : 0;
        if ((first == 0xFF && second == 0xFE) || (first == 0xFE && second == 0xFF)) {
            throw new SourceException(path + " is in UTF-16: convert it (iconv -f UTF-16 -t UTF-8)");
        }
        if (first == 'P' && second == 'K') {
            throw new SourceException(path + " is a ZIP archive or a spreadsheet: unpack it, or export it as CSV");
        }
    }

    /** Whether the file is still the one that was found; complains otherwise. */
    void checkUnchanged() {
        long nowSize;
        long nowModified;
        try {
            nowSize = Files.size(path);
            nowModified = Files.getLastModifiedTime(path).toMillis();
        } catch (IOException e) {
            throw new SourceException(path + " has vanished since it was opened: put it back and start again", e);
        }
        if (nowSize != size || nowModified != modified) {
            throw new SourceException(path + " has changed since it was opened (" + size + " bytes then, " + nowSize
                    + " now): start again once nothing writes to it");
        }
    }

    private byte[] start() {
        try (InputStream stream = Files.newInputStream(path)) {
            return stream.readNBytes(256);
        } catch (IOException e) {
            throw new SourceException(path + " cannot be read: " + e.getMessage(), e);
        }
    }
}
