package dev.marquee.source;

import dev.marquee.schema.RawChunk;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rows that can be read again and again, each time in the same order. */
public interface RowSource {
    /**
     * What it is and where it lies, in words.
     *
     * @return a line of text
     */
    String description();

    /**
     * Identifies the rows: names, sizes and times of the files, the query, or whatever decides them.
     *
     * @return a short hexadecimal text
     */
    String fingerprint();

    /**
     * The columns there are.
     *
     * @return names, in order
     */
    List<String> columns();

    /**
     * Begins to read. Several readers may be open at once.
     *
     * @param columns which columns are wanted; must all exist
     * @return a reader at the first row; close it
     */
    Reader open(Set<String> columns);

    /** Reads once through the rows. One thread. */
    interface Reader extends AutoCloseable {
        /**
         * The next rows.
         *
         * @return some rows, at least 1; null at the end
         */
        @Nullable
        RawChunk next();

        @Override
        void close();
    }
}
