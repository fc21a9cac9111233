package dev.marquee.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where prepared rows are written; tests have one without room. */
interface Disk {
    /** The disk of this machine. */
    Disk REAL = new Disk() {
        @Override
        public WritableByteChannel create(Path file) throws IOException {
            return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }

        @Override
        public long usable(Path folder) throws IOException {
            return Files.getFileStore(folder).getUsableSpace();
        }
    };

    /** Makes a file. */
    WritableByteChannel create(Path file) throws IOException;

    /** How many bytes there is room for. */
    long usable(Path folder) throws IOException;
}
