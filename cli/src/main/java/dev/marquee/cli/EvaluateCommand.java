package dev.marquee.cli;

import dev.marquee.train.EvaluationOptions;
import dev.marquee.train.Measured;
import dev.marquee.train.Run;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
            description = "Labelled data in the format of the run's: a folder of pictures, or files of rows."
                    + " Default: the run's own test data.")
    private @Nullable Path data;

    @Option(
            names = "--by",
            paramLabel = "FEATURE",
            description = "Also give the metrics of the rows that share a value of this categorical feature."
                    + " Repeatable.")
    private List<String> slices = new ArrayList<>();

    @Option(
            names = "--intervals",
            arity = "0..1",
            fallbackValue = "200",
            paramLabel = "RESAMPLES",
            description = "Also give 95 %% intervals from a bootstrap over groups, or rows where there are none."
                    + " Default number of resamples: 200.")
    private int resamples;

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
            Measured measured = opened.evaluate(
                    new EvaluationOptions(Optional.ofNullable(data), slices, resamples),
                    message -> err.println("data     " + message));
            if (json) {
                Json.print(results, json(measured));
            } else {
                MetricsTable.print(results, measured);
            }
            return 0;
        }
    }

    private static Map<String, Object> json(Measured measured) {
        Map<String, Object> json = new LinkedHashMap<>(measured.metrics());
        json.put("rows", measured.rows());
        if (!measured.undefined().isEmpty()) {
            json.put("undefined", measured.undefined());
        }
        if (!measured.intervals().isEmpty()) {
            json.put("intervals", measured.intervals());
        }
        if (!measured.slices().isEmpty()) {
            json.put("slices", measured.slices());
        }
        return json;
    }
}
