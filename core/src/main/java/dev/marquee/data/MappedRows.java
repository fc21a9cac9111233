package dev.marquee.data;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of one part, mapped into memory: the system reads what is touched and keeps what there is room for. Any number
 * of threads.
 *
 * <p>A mapping holds at most 1 GiB, as Java's are smaller than 2 GiB, and whole records only; the mappings of lists
 * overlap by the longest list, so that none is cut. They go when the garbage collector finds that nobody uses them.
 */
final class MappedRows {
    /** The size of a mapping. */
    static final long SEGMENT = 1L << 30;

    /** Labels are few: a loop beats a call for copying. */
    private static final int FEW = 4;

    private static final int[] NONE = {};

    private final Path folder;
    private final RowFormat format;
    private final List<Path> files = new ArrayList<>();
    private final long rows;
    private long bytes;
    private final int shift;
    private final List<Records> records = new ArrayList<>();
    private final List<List<IntBuffer>> lists = new ArrayList<>();
    private final int listShift;
    private final int[] longest;

    /** One mapping of records, seen as numbers of each kind. */
    private record Records(FloatBuffer floats, IntBuffer ints, LongBuffer longs) {}

    private MappedRows(Path folder, RowFormat format, PreparedManifest.Rows known, long segment) {
        this.folder = folder;
        this.format = format;
        this.rows = known.count();
        this.longest = known.longest().stream().mapToInt(Integer::intValue).toArray();
        long perSegment = Math.max(1, segment / format.bytes());
        this.shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(perSegment);
        this.listShift = Long.SIZE - 1 - Long.numberOfLeadingZeros(segment / Integer.BYTES);
    }

    /** Maps the files; their lengths are known to be those of the manifest. */
    static MappedRows open(Path folder, Part part, RowFormat format, PreparedManifest manifest, long segment)
            throws IOException {
        PreparedManifest.Rows known = manifest.parts().get(part);
        MappedRows made = new MappedRows(folder, format, known, segment);
        String name = RowWriter.recordsName(part);
        long bytes = manifest.file(name).bytes();
        if (bytes != known.count() * format.bytes()
                || known.longest().size() != format.lists().size()) {
            throw new DataException(folder.resolve(name) + " is damaged: " + known.count() + " rows of "
                    + format.bytes() + " bytes are not " + bytes + " bytes");
        }
        made.files.add(folder.resolve(name));
        made.bytes += bytes;
        try (FileChannel channel = FileChannel.open(folder.resolve(name))) {
            long step = (long) format.bytes() << made.shift;
            for (long at = 0; at < bytes; at += step) {
                MappedByteBuffer mapped = map(channel, at, Math.min(step, bytes - at));
                made.records.add(new Records(mapped.asFloatBuffer(), mapped.asIntBuffer(), mapped.asLongBuffer()));
            }
        }
        for (int i = 0; i < format.lists().size(); i++) {
            made.files.add(folder.resolve(RowWriter.listName(part, i)));
            made.bytes += manifest.file(RowWriter.listName(part, i)).bytes();
            made.lists.add(made.mapList(
                    manifest.file(RowWriter.listName(part, i)), known.longest().get(i)));
        }
        return made;
    }

    /** Where the rows lie. */
    Path folder() {
        return folder;
    }

    long rows() {
        return rows;
    }

    /** The length of all files, in bytes. */
    long bytes() {
        return bytes;
    }

    /** Reads rows before they are wanted; close it. */
    RowWarmer warmer() {
        return new RowWarmer(this, files);
    }

    /** Where a row's record begins, in bytes; for the number of rows, where the last ends. */
    long recordAt(long row) {
        return row * format.bytes();
    }

    /** Where a row's list begins in its file, in bytes. */
    long listAt(int list, long row) {
        return Integer.BYTES * begin(list, row);
    }

    /** Where a row's list ends in its file, in bytes. */
    long listEnd(int list, long row) {
        Records segment = records.get((int) (row >>> shift));
        int at = (int) (row & ((1L << shift) - 1)) * format.stride();
        return Integer.BYTES * (begin(list, row) + segment.ints.get(at + format.lengthsAt() + list));
    }

    private long begin(int list, long row) {
        Records segment = records.get((int) (row >>> shift));
        int at = (int) (row & ((1L << shift) - 1)) * format.stride();
        return segment.longs.get(at / 2 + format.listsAt() + list);
    }

    /** Puts a row into a batch's memory. */
    void read(long row, RowMemory memory, int index) {
        Records segment = records.get((int) (row >>> shift));
        int at = (int) (row & ((1L << shift) - 1)) * format.stride();
        int wide = at / 2;
        memory.dense().put(index * format.dense(), segment.floats, at + format.denseAt(), format.dense());
        memory.ids().put(index * format.fields(), segment.ints, at + format.fieldsAt(), format.fields());
        labels(segment, at + format.labelsAt(), memory.labels(), index * format.labels());
        if (format.weight()) {
            memory.weights().put(index, segment.floats.get(at + format.weightAt()));
        }
        if (format.group()) {
            memory.groups()[index] = segment.longs.get(wide + format.groupAt());
        }
        if (format.time()) {
            memory.times()[index] = segment.longs.get(wide + format.timeAt());
        }
        for (int i = 0; i < lists.size(); i++) {
            long begin = segment.longs.get(wide + format.listsAt() + i);
            int length = segment.ints.get(at + format.lengthsAt() + i);
            if (length < 0 || length > longest[i]) {
                throw new IndexOutOfBoundsException("row " + row + " has a list of " + length + " ids");
            }
            if (length == 0) {
                // An empty list may begin where its file ends.
                memory.list(i).add(NONE, 0, 0);
            } else {
                IntBuffer ids = lists.get(i).get((int) (begin >>> listShift));
                memory.list(i).add(ids, (int) (begin & ((1L << listShift) - 1)), length);
            }
        }
    }

    private void labels(Records segment, int from, FloatBuffer target, int to) {
        if (format.labels() > FEW) {
            target.put(to, segment.floats, from, format.labels());
            return;
        }
        for (int i = 0; i < format.labels(); i++) {
            target.put(to + i, segment.floats.get(from + i));
        }
    }

    private List<IntBuffer> mapList(CheckedFile.Sum file, int longest) throws IOException {
        List<IntBuffer> segments = new ArrayList<>();
        long step = (long) Integer.BYTES << listShift;
        long overlap = (long) Integer.BYTES * longest;
        try (FileChannel channel = FileChannel.open(folder.resolve(file.name()))) {
            for (long at = 0; at < file.bytes(); at += step) {
                segments.add(map(channel, at, Math.min(step + overlap, file.bytes() - at))
                        .asIntBuffer());
            }
        }
        return segments;
    }

    private static MappedByteBuffer map(FileChannel channel, long at, long bytes) throws IOException {
        MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, at, bytes);
        mapped.order(ByteOrder.LITTLE_ENDIAN);
        return mapped;
    }
}
