package dev.marquee.data;

import dev.marquee.schema.RawChunk;
import dev.marquee.source.RowSource;
import java.util.Set;

/**
 * The rows of one part.
 *
 * @param source what they stand in
 * @param columns what is read of it
 * @param split divides the source's rows
 * @param part which of them
 */
record PartRows(RowSource source, Set<String> columns, RowSplit split, Part part) {
    PartRows {
        columns = Set.copyOf(columns);
    }

    /** All rows of a source. */
    static PartRows all(RowSource source, Set<String> columns) {
        return new PartRows(source, columns, RowSplit.none(), Part.TRAINING);
    }

    /** Which rows of a chunk belong to the part. */
    boolean[] selected(RawChunk chunk, long firstRow) {
        Part[] parts = split.parts(chunk, firstRow);
        boolean[] selected = new boolean[parts.length];
        for (int i = 0; i < parts.length; i++) {
            selected[i] = parts[i] == part;
        }
        return selected;
    }
}
