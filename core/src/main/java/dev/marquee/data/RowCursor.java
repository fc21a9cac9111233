package dev.marquee.data;

import dev.marquee.schema.EncodedChunk;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.schema.RawChunk;
import dev.marquee.source.RowSource;
import org.jspecify.annotations.Nullable;

/** Goes through the rows of a part in the order of their source, and encodes them. */
final class RowCursor implements RowFeed {
    private final FeatureSchema schema;
    private final PartRows rows;
    private final RowSource.Reader reader;
    private long read;
    private int row = -1;
    private boolean[] selected = {};
    private @Nullable RawChunk raw;
    private @Nullable EncodedChunk encoded;

    RowCursor(FeatureSchema schema, PartRows rows) {
        this.schema = schema;
        this.rows = rows;
        this.reader = rows.source().open(rows.columns());
    }

    /** Goes to the next row; false when there is none. */
    boolean advance() {
        while (true) {
            for (row++; row < selected.length; row++) {
                if (selected[row]) {
                    return true;
                }
            }
            if (!load()) {
                return false;
            }
        }
    }

    /** The rows around the one it is at, encoded. */
    EncodedChunk chunk() {
        if (encoded == null) {
            throw new IllegalStateException("there is no row: call advance() first");
        }
        return encoded;
    }

    /** The rows around the one it is at. */
    RawChunk raw() {
        if (raw == null) {
            throw new IllegalStateException("there is no row: call advance() first");
        }
        return raw;
    }

    /** The position of the row in its chunk. */
    int row() {
        return row;
    }

    @Override
    public boolean next(RowMemory memory, int index) {
        if (!advance()) {
            return false;
        }
        memory.put(index, chunk(), row, 1);
        return true;
    }

    /** Takes consecutive rows together; {@link #row()} is the last of them. */
    @Override
    public int next(RowMemory memory, int index, int most) {
        if (!advance()) {
            return 0;
        }
        int first = row;
        while (row + 1 < selected.length && row + 1 - first < most && selected[row + 1]) {
            row++;
        }
        memory.put(index, chunk(), first, row + 1 - first);
        return row + 1 - first;
    }

    @Override
    public boolean skip() {
        return advance();
    }

    @Override
    public void close() {
        reader.close();
    }

    private boolean load() {
        RawChunk next = reader.next();
        if (next == null) {
            selected = new boolean[0];
            row = -1;
            return false;
        }
        selected = rows.selected(next, read);
        read += next.rows();
        row = -1;
        for (boolean one : selected) {
            if (one) {
                raw = next;
                encoded = schema.encode(next);
                return true;
            }
        }
        // Nothing of it is wanted, so it is not worth encoding.
        selected = new boolean[0];
        return true;
    }
}
