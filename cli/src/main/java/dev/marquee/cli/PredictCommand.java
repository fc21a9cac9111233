package dev.marquee.cli;

import dev.marquee.checkpoint.AtomicFile;
import dev.marquee.schema.RawColumn;
import dev.marquee.source.TableWriter;
import dev.marquee.train.Run;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code marquee predict}: writes the probabilities of pictures as CSV, or the scores of rows as CSV or Parquet. */
@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        description = {
            "Predicts with a trained run. Of rows: their keys and scores, as CSV or Parquet.",
            "Of pictures, as CSV: index, the most probable class, and the probability of each class."
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
            description = "Files of rows in the format of the run's; or a folder of pictures (its test samples are"
                    + " predicted), or one idx file of them.")
    private Path data;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description =
                    "File to write: CSV, or Parquet where it ends with .parquet. Default: CSV to standard output.")
    private @Nullable Path output;

    @Option(
            names = "--keys",
            split = ",",
            paramLabel = "COLUMN",
            description = "Columns to repeat beside the scores. Default: the recipe's data.keys.")
    private List<String> keys = new ArrayList<>();

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
            if (opened.scoresRows()) {
                return score(opened);
            }
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

    private int score(Run opened) {
        Path file = output;
        if (file != null) {
            writeScores(opened, file);
            spec.commandLine().getErr().println("wrote " + file);
            return 0;
        }
        try {
            Path temporary = Files.createTempDirectory("marquee-scores");
            try {
                Path csv = temporary.resolve("scores.csv");
                writeScores(opened, csv);
                try (BufferedReader lines = Files.newBufferedReader(csv)) {
                    lines.transferTo(spec.commandLine().getOut());
                }
                spec.commandLine().getOut().flush();
                Files.delete(csv);
            } finally {
                Files.delete(temporary);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the scores: " + Failures.reason(e), e);
        }
        return 0;
    }

    private void writeScores(Run opened, Path file) {
        try (TableWriter table = TableWriter.open(file)) {
            opened.score(data, keys, (rowKeys, labels, probabilities) -> {
                Map<String, RawColumn> columns = new LinkedHashMap<>(rowKeys.columns());
                for (int label = 0; label < labels.size(); label++) {
                    double[] scores = new double[rowKeys.rows()];
                    for (int row = 0; row < scores.length; row++) {
                        scores[row] = probabilities[row * labels.size() + label];
                    }
                    columns.put(
                            labels.size() == 1 ? "score" : "score_" + labels.get(label),
                            new RawColumn.Doubles(scores, null));
                }
                table.write(rowKeys.rows(), columns);
            });
            table.commit();
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
