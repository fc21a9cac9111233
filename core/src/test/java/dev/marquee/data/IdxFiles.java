package dev.marquee.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Writes small files in the idx format for tests. */
public final class IdxFiles {
    /** The four names, in the order: training pictures, training labels, test pictures, test labels. */
    public static final List<String> NAMES = List.of(
            "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");

    private IdxFiles() {}

    /** Writes the four files of random pictures of 28 × 28 in 10 classes; label i is i modulo 10. */
    public static Path write(Path folder, int train, int test, boolean zipped) {
        Random random = new Random(train * 31L + test);
        int[] counts = {train, train, test, test};
        for (int i = 0; i < NAMES.size(); i++) {
            byte[] contents;
            if (i % 2 == 0) {
                byte[] pixels = new byte[counts[i] * 28 * 28];
                random.nextBytes(pixels);
                contents = pictures(counts[i], 28, 28, pixels);
            } else {
                contents = labels(labelsModulo10(counts[i]));
            }
            write(folder.resolve(zipped ? NAMES.get(i) + ".gz" : NAMES.get(i)), zipped ? gzip(contents) : contents);
        }
        return folder;
    }

    /** The contents of a file of pictures. */
    public static byte[] pictures(int count, int height, int width, byte... pixels) {
        return ByteBuffer.allocate(16 + pixels.length)
                .putInt(2051)
                .putInt(count)
                .putInt(height)
                .putInt(width)
                .put(pixels)
                .array();
    }

    /** The contents of a file of labels. */
    public static byte[] labels(byte... labels) {
        return ByteBuffer.allocate(8 + labels.length)
                .putInt(2049)
                .putInt(labels.length)
                .put(labels)
                .array();
    }

    /** Zips. */
    public static byte[] gzip(byte[] contents) {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(zipped)) {
            out.write(contents);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return zipped.toByteArray();
    }

    /** Writes a file, and the folders above it. */
    public static Path write(Path file, byte[] contents) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            return Files.write(file, contents);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] labelsModulo10(int count) {
        byte[] labels = new byte[count];
        for (int i = 0; i < count; i++) {
            labels[i] = (byte) (i % 10);
        }
        return labels;
    }
}
