package dev.marquee.cli;

import dev.marquee.checkpoint.AtomicFile;
import dev.marquee.train.Comparison;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code marquee compare}: which runs differ beyond chance. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = "Measures several runs on the same rows and says which of them differ beyond chance.")
final class CompareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "2..*", paramLabel = "RUN", description = "Folders of the runs.")
    private List<Path> runs = new ArrayList<>();

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "Labelled data to measure on. Default: the test data of the runs, which must be the same.")
    private @Nullable Path data;

    @Option(
            names = "--resamples",
            paramLabel = "N",
            description = "Resamples that the intervals are made of. Default: ${DEFAULT-VALUE}.")
    private int resamples = 200;

    @Option(names = "--output", paramLabel = "FILE.html", description = "Also write a page with the runs side by side.")
    private @Nullable Path output;

    @Option(names = "--json", description = "Print one JSON object, nothing else, on standard output.")
    private boolean json;

    CompareCommand(CommandSpec spec) {
        this.spec = spec;
    }

    CompareCommand() {
        this(CommandSpec.create());
    }

    @Override
    public Integer call() {
        PrintWriter results = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Comparison comparison =
                Comparison.of(runs, Optional.ofNullable(data), resamples, name -> err.println("measure  " + name));
        if (json) {
            Json.print(results, comparison);
        } else {
            print(results, comparison);
        }
        Path page = output;
        if (page != null) {
            try {
                AtomicFile.writeText(page, comparison.html());
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write " + page + ": " + Failures.reason(e), e);
            }
            err.println("wrote " + page);
        }
        return 0;
    }

    private static void print(PrintWriter out, Comparison comparison) {
        int width = comparison.runs().stream()
                .mapToInt(run -> run.path().toString().length())
                .max()
                .orElse(0);
        for (Comparison.Entry run : comparison.runs()) {
            String indented =
                    MetricsTable.line(run.measured().metrics()).replace("\n         ", "\n" + " ".repeat(width + 2));
            out.println(String.format(Locale.ROOT, "%-" + width + "s  ", run.path()) + indented);
        }
        if (!comparison.recipes().isEmpty()) {
            out.println();
            comparison.recipes().forEach((key, values) -> out.println(key + ": " + String.join(" | ", values)));
        }
        if (!comparison.differences().isEmpty()) {
            out.println();
        }
        for (Comparison.Difference difference : comparison.differences()) {
            out.printf(
                    Locale.ROOT,
                    "%s − %s   %-18s %+.5f   (%+.5f to %+.5f)   %s%n",
                    difference.first(),
                    difference.second(),
                    difference.metric(),
                    difference.difference(),
                    difference.low(),
                    difference.high(),
                    difference.beyondChance() ? "beyond chance" : "may be chance");
        }
    }
}
