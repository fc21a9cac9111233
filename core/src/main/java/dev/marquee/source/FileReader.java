package dev.marquee.source;

import dev.marquee.schema.RawChunk;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads relations one after the other. */
final class FileReader implements RowSource.Reader {
    private final Duck duck;
    private final Iterator<Part> parts;
    private @Nullable Part part;
    private @Nullable RowQuery rows;

    FileReader(Duck duck, List<Part> parts) {
        this.duck = duck;
        this.parts = parts.iterator();
    }

    /**
     * A relation.
     *
     * @param relation what stands after FROM
     * @param columns those wanted
     * @param source where the rows come from, for messages
     * @param files which must not change meanwhile
     */
    record Part(String relation, List<Duck.Column> columns, String source, List<SourceFile> files) {}

    @Override
    public @Nullable RawChunk next() {
        while (true) {
            if (rows == null) {
                if (!parts.hasNext()) {
                    return null;
                }
                part = parts.next();
                part.files().forEach(SourceFile::checkUnchanged);
                rows = new RowQuery(duck, part.relation(), part.columns(), part.source());
            }
            RawChunk chunk = read(part, rows);
            if (chunk != null) {
                return chunk;
            }
            part.files().forEach(SourceFile::checkUnchanged);
            rows = null;
        }
    }

    /** A file that changes looks like a damaged one: say what it is. */
    private static @Nullable RawChunk read(Part part, RowQuery rows) {
        try {
            return rows.next();
        } catch (SourceException e) {
            part.files().forEach(SourceFile::checkUnchanged);
            throw e;
        }
    }

    @Override
    public void close() {
        RowQuery open = rows;
        rows = null;
        try (duck) {
            if (open != null) {
                open.close();
            }
        }
    }
}
