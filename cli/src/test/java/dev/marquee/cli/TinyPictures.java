package dev.marquee.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** A folder with a few random pictures in the idx format. */
final class TinyPictures {
    private TinyPictures() {}

    static Path write(Path folder, int train, int test) {
        try {
            Files.createDirectories(folder);
            Random random = new Random(7);
            write(folder, "train", train, random);
            write(folder, "t10k", test, random);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path folder, String part, int count, Random random) throws IOException {
        ByteBuffer pictures = ByteBuffer.allocate(16 + count * 784);
        pictures.putInt(2051).putInt(count).putInt(28).putInt(28);
        ByteBuffer labels = ByteBuffer.allocate(8 + count);
        labels.putInt(2049).putInt(count);
        byte[] picture = new byte[784];
        for (int i = 0; i < count; i++) {
            random.nextBytes(picture);
            pictures.put(picture);
            labels.put((byte) (i % 10));
        }
        Files.write(folder.resolve(part + "-images-idx3-ubyte"), pictures.array());
        Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.array());
    }
}
