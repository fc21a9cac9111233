package dev.marquee.cli.bench;

import dev.marquee.schema.RawChunk;
import dev.marquee.source.RowSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The first rows of a source, in memory. */
record HeldRows(List<String> columns, List<RawChunk> chunks) implements RowSource {
    /** Reads chunks until there are that many rows. */
    static HeldRows of(RowSource source, long atLeast) {
        List<RawChunk> held = new ArrayList<>();
        long rows = 0;
        try (Reader reader = source.open(new LinkedHashSet<>(source.columns()))) {
            for (RawChunk chunk = reader.next(); chunk != null && rows < atLeast; chunk = reader.next()) {
                held.add(chunk);
                rows += chunk.rows();
            }
        }
        return new HeldRows(source.columns(), held);
    }

    @Override
    public String description() {
        return "rows in memory";
    }

    @Override
    public String fingerprint() {
        return "held";
    }

    @Override
    public Reader open(Set<String> wanted) {
        Iterator<RawChunk> left = chunks.iterator();
        return new Reader() {
            @Override
            public @Nullable RawChunk next() {
                return left.hasNext() ? left.next() : null;
            }

            @Override
            public void close() {}
        };
    }
}
