package dev.marquee.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.marquee.measure.Machine;
import dev.marquee.measure.Roofline;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code marquee doctor}: what this machine is, how fast it is, and what in its environment is wrong. */
@Command(
        name = "doctor",
        description = "Shows engine, processor and traps of the environment, and measures this machine's roofline.",
        mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
    @Option(names = "--threads", paramLabel = "N", description = "Threads to measure with (default: all cores).")
    private @Nullable Integer threads;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    /** Made by picocli. */
    @SuppressWarnings("NullAway.Init")
    public DoctorCommand() {}

    @Override
    public Integer call() {
        int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), "threads must be at least 1, not " + count);
        }
        Machine machine = Machine.detect(count);
        DoctorReport report = new DoctorReport(machine, Roofline.measure(count));
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? json(report) : report.text());
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private static String json(DoctorReport report) {
        try {
            return new ObjectMapper().writeValueAsString(report.values());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report is always JSON", e);
        }
    }
}
