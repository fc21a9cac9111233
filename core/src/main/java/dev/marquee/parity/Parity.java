package dev.marquee.parity;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Runs cases that were recorded from PyTorch, and tells how far this engine on this machine is from it. */
public final class Parity {
    private static final String SUFFIX = ".safetensors";

    private Parity() {}

    /**
     * What came of one case.
     *
     * @param name the file's name without its suffix
     * @param module the module, empty where the file is no case
     * @param outputs how far the outputs are from those recorded; empty where the case could not be run
     * @param gradients how far the gradients are; empty where the case is forward only or could not be run
     * @param tolerance the largest relative difference allowed; 0 where the file is no case
     * @param passed whether all is within the tolerance
     * @param message why it did not pass, in a sentence; empty where it did
     */
    public record Result(
            String name,
            String module,
            Optional<Difference> outputs,
            Optional<Difference> gradients,
            double tolerance,
            boolean passed,
            String message) {}

    /**
     * Runs the cases that come with the software.
     *
     * @return a result for each, in the order of the index
     */
    public static List<Result> runBundled() {
        List<Result> results = new ArrayList<>();
        try {
            Path copy = Files.createTempFile("marquee-parity-", SUFFIX);
            try {
                for (String file : bundled()) {
                    try (InputStream content = resource(file)) {
                        Files.copy(content, copy, StandardCopyOption.REPLACE_EXISTING);
                    }
                    results.add(run(copy, nameOf(file)));
                }
            } finally {
                Files.deleteIfExists(copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the cases that come with the software cannot be read: " + e.getMessage(), e);
        }
        return results;
    }

    /**
     * Runs cases from files. What is wrong with one of them is said in its result; the others run all the same.
     *
     * @param files the files
     * @return a result for each, in the same order
     */
    public static List<Result> run(List<Path> files) {
        return files.stream()
                .map(file -> run(file, nameOf(String.valueOf(file.getFileName()))))
                .toList();
    }

    private static Result run(Path file, String name) {
        String module = "";
        double tolerance = 0;
        try (ParityCase parityCase = ParityCase.read(file)) {
            module = parityCase.module();
            tolerance = parityCase.tolerance();
            ParityCase.Outcome outcome = parityCase.run();
            String message = excess(outcome, tolerance);
            return new Result(
                    name,
                    module,
                    Optional.of(outcome.outputs()),
                    outcome.gradients(),
                    tolerance,
                    message.isEmpty(),
                    message);
        } catch (NoSuchFileException e) {
            return failure(name, module, tolerance, "there is no file " + file);
        } catch (IOException | RuntimeException e) {
            return failure(name, module, tolerance, firstLine(e));
        }
    }

    private static String excess(ParityCase.Outcome outcome, double tolerance) {
        Difference worst = outcome.gradients().map(outcome.outputs()::max).orElse(outcome.outputs());
        return worst.relative() <= tolerance
                ? ""
                : String.format(
                        Locale.ROOT, "%s differs by %.2g, more than %.0e", worst.tensor(), worst.relative(), tolerance);
    }

    private static Result failure(String name, String module, double tolerance, String message) {
        return new Result(name, module, Optional.empty(), Optional.empty(), tolerance, false, message);
    }

    /** The engine's own errors go on with its stack. Faults of a case list what is wrong in further lines. */
    private static String firstLine(Exception e) {
        String message = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        return e instanceof IllegalArgumentException
                ? message.replaceAll("\\n\\s*", "; ")
                : message.lines().findFirst().orElse(message);
    }

    private static String nameOf(String file) {
        return file.endsWith(SUFFIX) ? file.substring(0, file.length() - SUFFIX.length()) : file;
    }

    private static List<String> bundled() throws IOException {
        try (InputStream index = resource("index.txt")) {
            return new String(index.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }

    private static InputStream resource(String name) throws IOException {
        InputStream stream = Parity.class.getResourceAsStream(name);
        if (stream == null) {
            throw new IOException("the resource " + name + " is missing");
        }
        return stream;
    }
}
