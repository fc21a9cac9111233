package dev.marquee.cli;

import dev.marquee.cli.bench.PeerException;
import dev.marquee.cli.bench.ServingBench;
import dev.marquee.cli.bench.ServingOptions;
import dev.marquee.cli.bench.ServingReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code marquee bench serving}: times a server under load, and the scorer in a Java program. */
@Command(
        name = "serving",
        mixinStandardHelpOptions = true,
        description = {
            "A server in a process of its own under load from another: latency from when a request was due, candidates a"
                    + " second, twice as much load as it can do. Then the scorer as a library, in turn with PyTorch.",
            "About eight times --seconds in all."
        })
final class BenchServingCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "RUN",
            description = "Folder of the run to serve. Default: a run of " + TrainCommand.DEFAULT_RECIPE
                    + ", made for the moment with a few rows: weights do not matter for speed.")
    private @Nullable Path run;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "100",
            description = "Requests a second at which latency is measured (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--candidates",
            paramLabel = "N",
            defaultValue = "200",
            description = "Candidates of a request (default: ${DEFAULT-VALUE}).")
    private int candidates;

    @Option(
            names = "--history",
            paramLabel = "N",
            defaultValue = "50",
            description = "Events in a user's history (default: ${DEFAULT-VALUE}).")
    private int history;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "10",
            description = "Time of each measurement (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--even", description = "Requests come evenly spaced. Default: at random, a Poisson process.")
    private boolean even;

    @Option(names = "--no-overload", description = "Leaves out twice as much load as the server can do.")
    private boolean noOverload;

    @Option(
            names = "--against-python",
            paramLabel = "PYTHON",
            description = "Score the same shapes, in turn, in the PyTorch of this interpreter and print the ratio.")
    private @Nullable String python;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    @SuppressWarnings("NullAway.Init")
    BenchServingCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        ServingReport report;
        try {
            report = ServingBench.run(options(), notice -> {
                err.println("serving  " + notice);
                err.flush();
            });
        } catch (PeerException e) {
            err.println("marquee: " + e.getMessage());
            err.flush();
            return CommandLine.ExitCode.SOFTWARE;
        }
        if (json) {
            Json.print(out, report);
        } else {
            out.println(report.table());
            out.flush();
        }
        return CommandLine.ExitCode.OK;
    }

    private ServingOptions options() {
        try {
            return new ServingOptions(
                    Optional.ofNullable(run),
                    rate,
                    candidates,
                    history,
                    seconds,
                    even,
                    !noOverload,
                    Optional.ofNullable(python));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
