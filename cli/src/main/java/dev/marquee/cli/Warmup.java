package dev.marquee.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs the commands once on a handful of black pictures, so that the launcher can archive the classes that they load for
 * a fast start (class data sharing). It also unpacks the native engine. Not a command.
 */
public final class Warmup {
    private static final int PICTURES = 8;

    private Warmup() {}

    /**
     * Trains, evaluates and predicts in a temporary folder, and prints to nowhere.
     *
     * @param arguments none
     * @throws IOException when there is no room for temporary files
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("marquee-warm-up");
        try {
            Path data = Files.createDirectory(folder.resolve("data"));
            write(data, "train");
            write(data, "t10k");
            String run = folder.resolve("run").toString();
            command("train", "--data", data.toString(), "--out", run, "--set", "train.epochs=1");
            command("evaluate", run, "--data", data.toString(), "--json");
            command("predict", run, "--data", data.toString());
            command("recipes");
            command("bench", "perceptron", "--help");
        } finally {
            delete(folder);
        }
    }

    private static void command(String... arguments) {
        PrintWriter nowhere = new PrintWriter(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Main.run(nowhere, nowhere, arguments);
    }

    private static void write(Path folder, String part) throws IOException {
        ByteBuffer pictures = ByteBuffer.allocate(16 + PICTURES * 28 * 28);
        pictures.putInt(0x803).putInt(PICTURES).putInt(28).putInt(28);
        ByteBuffer labels = ByteBuffer.allocate(8 + PICTURES);
        labels.putInt(0x801).putInt(PICTURES);
        Files.write(folder.resolve(part + "-images-idx3-ubyte"), pictures.array());
        Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.array());
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            List<Path> deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        }
    }
}
