package dev.marquee.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Reads one file in the idx format. Offsets in its messages are those of the contents, after unzipping. */
final class IdxReader {
    /** What one file may be. */
    enum Kind {
        PICTURES(2051, 3, "pictures"),
        LABELS(2049, 1, "labels");

        private final int magic;
        private final int dimensions;
        private final String plural;

        Kind(int magic, int dimensions, String plural) {
            this.magic = magic;
            this.dimensions = dimensions;
            this.plural = plural;
        }

        int headerBytes() {
            return 4 + 4 * dimensions;
        }

        Kind other() {
            return this == PICTURES ? LABELS : PICTURES;
        }
    }

    /** What a file holds. */
    static final class Contents {
        private final int[] sizes;
        private final byte[] payload;

        private Contents(int[] sizes, byte[] payload) {
            this.sizes = sizes;
            this.payload = payload;
        }

        int size(int dimension) {
            return sizes[dimension];
        }

        byte[] payload() {
            return payload;
        }
    }

    private static final int BUFFER = 1 << 16;
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;
    private static final int LARGEST_SIDE = 65_536;

    private final IdxFile file;
    private final Kind kind;
    private final boolean zipped;
    private final InputStream in;
    private long offset;

    private IdxReader(IdxFile file, Kind kind, boolean zipped, InputStream in) {
        this.file = file;
        this.kind = kind;
        this.zipped = zipped;
        this.in = in;
    }

    static Contents read(IdxFile file, Kind kind) {
        if (file.bytes() == 0) {
            throw new DataException(file.name() + ": is empty; expected an idx file of " + kind.plural
                    + " (magic number " + kind.magic + ")");
        }
        try (InputStream raw = new BufferedInputStream(file.opener().open(), BUFFER)) {
            raw.mark(2);
            boolean zipped = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            return zipped ? readZipped(file, kind, raw) : new IdxReader(file, kind, false, raw).read();
        } catch (IOException e) {
            throw IdxFile.unreadable(file.name(), e);
        }
    }

    private static Contents readZipped(IdxFile file, Kind kind, InputStream raw) throws IOException {
        try (InputStream in = new GZIPInputStream(raw, BUFFER)) {
            return new IdxReader(file, kind, true, in).read();
        } catch (EOFException e) {
            // Only the constructor throws it to here: the file ends within gzip's own header.
            throw new DataException(
                    file.name() + ": truncated gzip file: it ends within its header, at byte " + file.bytes()
                            + "; expected zipped " + kind.plural + " in the idx format",
                    e);
        } catch (ZipException e) {
            throw new DataException(file.name() + ": corrupt gzip file: at byte 0: " + e.getMessage(), e);
        }
    }

    private Contents read() throws IOException {
        int[] sizes = readHeader();
        long[] checked = new long[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            checked[i] = Integer.toUnsignedLong(sizes[i]);
        }
        long bytes = payloadBytes(checked);
        String what = "expected " + (kind.headerBytes() + bytes) + " bytes: " + describe(checked);
        byte[] payload = readPayload(bytes, what);
        // Reading on to the end also makes gzip compare its checksum.
        if (fill(new byte[1], 0, 1, what) == 1) {
            throw new DataException(
                    file.name() + ": " + tooLong() + " after byte " + (kind.headerBytes() + bytes) + ", " + what);
        }
        return new Contents(sizes, payload);
    }

    private int[] readHeader() throws IOException {
        String what = "expected at least " + kind.headerBytes() + " bytes: an idx file of " + kind.plural
                + " starts with a header of " + kind.headerBytes() + " bytes";
        byte[] bytes = new byte[kind.headerBytes()];
        int read = fill(bytes, 0, bytes.length, what);
        ByteBuffer header = ByteBuffer.wrap(bytes);
        if (read >= 4 && header.getInt(0) != kind.magic) {
            int found = header.getInt(0);
            throw new DataException(file.name() + ": at byte 0: expected the magic number " + kind.magic + " of "
                    + kind.plural + " in the idx format, found "
                    + (found == kind.other().magic
                            ? found + ", that of " + kind.other().plural
                                    + ": the files of pictures and of labels seem to be swapped"
                            : Integer.toUnsignedString(found)));
        }
        if (read < bytes.length) {
            throw truncated(what);
        }
        int[] sizes = new int[kind.dimensions];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = header.getInt(4 + 4 * i);
        }
        return sizes;
    }

    /** Checks the sizes that the header claims; nothing has been allocated for them yet. */
    private long payloadBytes(long[] sizes) {
        if (sizes[0] == 0) {
            throw new DataException(
                    file.name() + ": at byte 4: expected the number of " + kind.plural + ", at least 1, found 0");
        }
        long each = 1;
        for (int i = 1; i < sizes.length; i++) {
            if (sizes[i] < 1 || sizes[i] > LARGEST_SIDE) {
                throw new DataException(file.name() + ": at byte " + (4 + 4 * i) + ": expected 1 to " + LARGEST_SIDE
                        + (i == 1 ? " rows" : " columns") + ", found " + sizes[i]);
            }
            each *= sizes[i];
        }
        if (sizes[0] > LARGEST_ARRAY / each) {
            throw new DataException(file.name() + ": at byte 4: expected at most " + LARGEST_ARRAY / each + " "
                    + kind.plural + " of that size (2 GiB), found " + sizes[0]);
        }
        return sizes[0] * each;
    }

    /**
     * The payload. The array grows with what is really there, so a forged header cannot make it larger than some times
     * the file.
     */
    private byte[] readPayload(long expected, String what) throws IOException {
        long likely = zipped ? 4 * file.bytes() + BUFFER : file.bytes();
        byte[] payload = new byte[(int) Math.min(expected, likely)];
        int there = 0;
        while (true) {
            there += fill(payload, there, payload.length - there, what);
            if (there == expected) {
                return payload;
            }
            if (there < payload.length) {
                throw truncated(what);
            }
            byte[] next = new byte[1];
            if (fill(next, 0, 1, what) == 0) {
                throw truncated(what);
            }
            payload = Arrays.copyOf(payload, (int) Math.min(expected, 2L * payload.length + 1));
            payload[there++] = next[0];
        }
    }

    /** Reads until the range is full or the contents end; returns the number of bytes read. */
    private int fill(byte[] target, int from, int length, String what) throws IOException {
        int read = 0;
        try {
            while (read < length) {
                int more = in.read(target, from + read, length - read);
                if (more < 0) {
                    break;
                }
                read += more;
                offset += more;
            }
        } catch (EOFException e) {
            throw new DataException(
                    file.name() + ": truncated gzip file: its contents end at byte " + offset + ", " + what, e);
        } catch (ZipException e) {
            throw new DataException(
                    file.name() + ": corrupt gzip file: after byte " + offset + " of its contents: " + e.getMessage()
                            + "; " + what,
                    e);
        }
        return read;
    }

    private DataException truncated(String what) {
        return new DataException(file.name() + ": truncated: it ends at byte " + offset
                + (zipped ? " of its unzipped contents" : "") + ", " + what);
    }

    private String tooLong() {
        long surplus = file.bytes() - offset + 1;
        return zipped
                ? "its unzipped content goes on"
                : "it goes on for " + surplus + (surplus == 1 ? " byte" : " bytes");
    }

    private String describe(long[] sizes) {
        return kind == Kind.PICTURES
                ? "its header says " + sizes[0] + " pictures of " + sizes[1] + " × " + sizes[2]
                : "its header says " + sizes[0] + " labels";
    }
}
