package dev.marquee.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads neighbouring prepared rows in one go before they are wanted, so that the system has them when they are: a mapping
 * would fetch them page by page, in the order in which rows are picked. One thread.
 */
final class RowWarmer implements AutoCloseable {
    private static final int AT_ONCE = 1 << 20;

    private final MappedRows rows;
    private final List<FileChannel> files = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(AT_ONCE);

    /** Opens the files: that of the records first, then those of the lists. */
    RowWarmer(MappedRows rows, List<Path> files) {
        this.rows = rows;
        try {
            for (Path file : files) {
                this.files.add(FileChannel.open(file));
            }
        } catch (IOException e) {
            close();
            throw new UncheckedIOException("cannot read the prepared rows in " + rows.folder(), e);
        }
    }

    /** Brings rows to memory. */
    void warm(int from, int end) {
        for (int i = 0; i < files.size(); i++) {
            long at = i == 0 ? rows.recordAt(from) : rows.listAt(i - 1, from);
            long after = i == 0 ? rows.recordAt(end) : rows.listEnd(i - 1, end - 1);
            read(files.get(i), at, after);
        }
    }

    private void read(FileChannel file, long from, long end) {
        try {
            long at = from;
            while (at < end) {
                buffer.clear().limit((int) Math.min(AT_ONCE, end - at));
                int count = file.read(buffer, at);
                if (count < 0) {
                    return; // the reader of the rows will say so
                }
                at += count;
            }
        } catch (IOException e) {
            throw new DataException("cannot read the prepared rows in " + rows.folder() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        for (FileChannel file : files) {
            try {
                file.close();
            } catch (IOException e) {
                // Nothing was written: there is nothing to lose.
            }
        }
    }
}
