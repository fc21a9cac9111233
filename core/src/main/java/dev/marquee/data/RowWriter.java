package dev.marquee.data;

import dev.marquee.schema.EncodedChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the rows of one part: a file of records and one for the ids of each bag and sequence. */
final class RowWriter implements AutoCloseable {
    private final RowFormat format;
    private final CheckedFile records;
    private final List<CheckedFile> lists = new ArrayList<>();
    private final int[] longest;
    private long rows;

    RowWriter(RowFormat format, Disk disk, Path folder, Part part) throws IOException {
        this.format = format;
        this.longest = new int[format.lists().size()];
        this.records = new CheckedFile(disk, folder.resolve(recordsName(part)), format.bytes());
        try {
            for (int i = 0; i < longest.length; i++) {
                lists.add(new CheckedFile(disk, folder.resolve(listName(part, i))));
            }
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    static String recordsName(Part part) {
        return part.text() + ".rows";
    }

    static String listName(Part part, int list) {
        return part.text() + ".list." + list;
    }

    /** How many bytes a row takes, its lists included. */
    static long bytes(RowFormat format, EncodedChunk chunk) {
        long bytes = (long) chunk.rows() * format.bytes();
        for (EncodedChunk.Lists list : chunk.lists()) {
            bytes += (long) list.offsets()[chunk.rows()] * Integer.BYTES;
        }
        return bytes;
    }

    void write(EncodedChunk chunk, int row) throws IOException {
        ByteBuffer record = records.room(format.bytes());
        if (format.group()) {
            record.putLong(value(chunk.groups(), row));
        }
        if (format.time()) {
            record.putLong(value(chunk.times(), row));
        }
        for (CheckedFile list : lists) {
            record.putLong(list.bytes() / Integer.BYTES);
        }
        for (int i = 0; i < longest.length; i++) {
            EncodedChunk.Lists list = chunk.lists().get(i);
            int from = list.offsets()[row];
            int length = list.offsets()[row + 1] - from;
            longest[i] = Math.max(longest[i], length);
            record.putInt(length);
            lists.get(i).ints(list.ids(), from, length);
        }
        floats(record, chunk.dense(), row, format.dense());
        record.asIntBuffer().put(chunk.ids(), row * format.fields(), format.fields());
        record.position(record.position() + format.fields() * Integer.BYTES);
        floats(record, chunk.labels(), row, format.labels());
        int end = format.weightAt();
        if (format.weight()) {
            float[] weights = chunk.weights();
            record.putFloat(weights == null ? 1 : weights[row]);
            end++;
        }
        if (end < format.stride()) {
            record.putInt(0);
        }
        rows++;
    }

    /** Closes the files, and adds what they must be. */
    PreparedManifest.Rows finish(List<CheckedFile.Sum> sums) throws IOException {
        sums.add(records.finish());
        for (CheckedFile list : lists) {
            sums.add(list.finish());
        }
        return new PreparedManifest.Rows(rows, Arrays.stream(longest).boxed().toList());
    }

    @Override
    public void close() throws IOException {
        records.close();
        for (CheckedFile list : lists) {
            list.close();
        }
    }

    private static void floats(ByteBuffer record, float[] values, int row, int count) {
        record.asFloatBuffer().put(values, row * count, count);
        record.position(record.position() + count * Float.BYTES);
    }

    /** Where rows have a group or time, the encoder gives it for all rows of a chunk or for none. */
    private static long value(long @Nullable [] values, int row) {
        return values == null ? 0 : values[row];
    }
}
