package dev.marquee.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** A file that is written once, little-endian, its length and CRC32C (RFC 3720) being counted on the way. */
final class CheckedFile implements AutoCloseable {
    private static final int BUFFER = 1 << 18;

    /**
     * What a file must be.
     *
     * @param name within its folder
     * @param bytes its length
     * @param crc its CRC32C
     */
    record Sum(String name, long bytes, long crc) {
        /** What a file is. */
        static Sum of(Path file) throws IOException {
            CRC32C crc = new CRC32C();
            long bytes = 0;
            try (FileChannel channel = FileChannel.open(file)) {
                ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
                while (channel.read(buffer) >= 0) {
                    bytes += buffer.position();
                    crc.update(buffer.flip());
                    buffer.clear();
                }
            }
            return new Sum(file.getFileName().toString(), bytes, crc.getValue());
        }
    }

    private final String name;
    private final WritableByteChannel channel;
    private final ByteBuffer buffer;
    private final CRC32C crc = new CRC32C();
    private long bytes;

    CheckedFile(Disk disk, Path file) throws IOException {
        this(disk, file, BUFFER);
    }

    /** With room for a record of that size. */
    CheckedFile(Disk disk, Path file, int record) throws IOException {
        name = file.getFileName().toString();
        buffer = ByteBuffer.allocate(Math.max(record, BUFFER)).order(ByteOrder.LITTLE_ENDIAN);
        channel = disk.create(file);
    }

    /** Writes a small file at once. */
    static Sum write(Disk disk, Path file, byte[] content) throws IOException {
        try (CheckedFile checked = new CheckedFile(disk, file)) {
            for (int from = 0; from < content.length; from += BUFFER) {
                int length = Math.min(BUFFER, content.length - from);
                checked.room(length).put(content, from, length);
            }
            return checked.finish();
        }
    }

    /** The buffer with room for so many bytes, at most those of a record; to be put in at its position. */
    ByteBuffer room(int wanted) throws IOException {
        if (buffer.remaining() < wanted) {
            flush();
        }
        return buffer;
    }

    /** Writes numbers of any count. */
    void ints(int[] values, int from, int count) throws IOException {
        for (int done = 0; done < count; ) {
            int now = Math.min(count - done, BUFFER / Integer.BYTES);
            ByteBuffer target = room(now * Integer.BYTES);
            target.asIntBuffer().put(values, from + done, now);
            target.position(target.position() + now * Integer.BYTES);
            done += now;
        }
    }

    /** How many bytes were written. */
    long bytes() {
        return bytes + buffer.position();
    }

    /** Brings everything to the disk. */
    Sum finish() throws IOException {
        flush();
        if (channel instanceof FileChannel file) {
            file.force(true);
        }
        channel.close();
        return new Sum(name, bytes, crc.getValue());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void flush() throws IOException {
        buffer.flip();
        crc.update(buffer.duplicate());
        bytes += buffer.remaining();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }
}
