package dev.marquee.cli;

import dev.marquee.checkpoint.AtomicFile;
import dev.marquee.train.Run;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code marquee predict}: writes the probabilities of each sample as CSV. */
@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        description = {
            "Predicts samples with a trained run and writes CSV:",
            "index, the most probable class, and the probability of each class."
        })
final class PredictCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "RUN", description = "Folder of the run.")
    private Path run;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "PATH",
            description = "A folder (its test samples are predicted), or one idx file of pictures.")
    private Path data;

    @Option(names = "--output", paramLabel = "FILE", description = "CSV file. Default: standard output.")
    private @Nullable Path output;

    PredictCommand(CommandSpec spec, Path run, Path data) {
        this.spec = spec;
        this.run = run;
        this.data = data;
    }

    PredictCommand() {
        this(CommandSpec.create(), Path.of(""), Path.of(""));
    }

    @Override
    public Integer call() {
        try (Run opened = Run.open(run)) {
            Path file = output;
            if (file == null) {
                PrintWriter results = spec.commandLine().getOut();
                write(opened, results);
                results.flush();
                return 0;
            }
            try {
                AtomicFile.write(file, temporary -> write(opened, temporary));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write " + file + ": " + Failures.reason(e), e);
            }
            spec.commandLine().getErr().println("wrote " + file);
            return 0;
        }
    }

    private void write(Run opened, Path file) throws IOException {
        try (Results results = new Results(Files.newOutputStream(file));
                PrintWriter printer = new PrintWriter(results, false, StandardCharsets.UTF_8)) {
            write(opened, printer);
            if (printer.checkError()) {
                throw new IOException(results.failure().orElse("is the disk full?"));
            }
        }
    }

    private void write(Run opened, PrintWriter printer) {
        opened.predict(data, (index, probabilities) -> {
            StringBuilder line = new StringBuilder();
            if (index == 0) {
                line.append("index,class");
                for (int i = 0; i < probabilities.length; i++) {
                    line.append(",p").append(i);
                }
                line.append('\n');
            }
            int best = 0;
            for (int i = 1; i < probabilities.length; i++) {
                best = probabilities[i] > probabilities[best] ? i : best;
            }
            line.append(index).append(',').append(best);
            for (float probability : probabilities) {
                line.append(',').append(probability);
            }
            printer.print(line.append('\n'));
        });
    }
}
