package dev.marquee.cli;

import dev.marquee.train.Run;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code marquee evaluate}: measures a run on test data. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = "Measures a trained run on labelled test data.")
final class EvaluateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "RUN", description = "Folder of the run.")
    private Path run;

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "Folder with test data in the format of the run's. Default: the run's own test data.")
    private @Nullable Path data;

    @Option(names = "--json", description = "Print one JSON object, nothing else, on standard output.")
    private boolean json;

    EvaluateCommand(CommandSpec spec, Path run) {
        this.spec = spec;
        this.run = run;
    }

    EvaluateCommand() {
        this(CommandSpec.create(), Path.of(""));
    }

    @Override
    public Integer call() {
        PrintWriter results = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (Run opened = Run.open(run)) {
            opened.unfinishedAt()
                    .ifPresent(step ->
                            err.println("warning: the run is not finished; these are the weights of step " + step));
            Map<String, Double> metrics =
                    opened.evaluate(Optional.ofNullable(data), message -> err.println("data     " + message));
            if (json) {
                Json.print(results, metrics);
            } else {
                metrics.forEach((name, value) -> results.printf(
                        Locale.ROOT,
                        name.equals("accuracy") ? "%-12s %.2f %%%n" : "%-12s %.6f%n",
                        name,
                        name.equals("accuracy") ? 100 * value : value));
            }
            return 0;
        }
    }
}
