package dev.marquee.cli;

import dev.marquee.cli.bench.DataBench;
import dev.marquee.cli.bench.DataReport;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code marquee bench data}: times how rows come to a training. */
@Command(
        name = "data",
        mixinStandardHelpOptions = true,
        description = {
            "Rows a second on one core, from CSV, Parquet and the prepared form.",
            "Makes a log of 40 features in the temporary folder (java.io.tmpdir), and removes it at the end."
        })
final class BenchDataCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "Rows of the log, about 500 bytes each in all files (default: ${DEFAULT-VALUE}).")
    private long rows;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "3",
            description = "Measuring time for each line of the table (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    @SuppressWarnings("NullAway.Init")
    BenchDataCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        DataReport report = DataBench.run(options(), notice -> {
            err.println("data     " + notice);
            err.flush();
        });
        if (json) {
            Json.print(out, Map.of("rows", report.rows()));
        } else {
            out.println(report.table());
            out.flush();
        }
        return 0;
    }

    private DataBench.Options options() {
        try {
            return new DataBench.Options(rows, seconds);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
