package dev.marquee.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.marquee.cli.bench.Choices;
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
        description =
                "Shows engine, processor and traps of the environment, measures this machine's roofline, and whether"
                        + " another BLAS or other threads would be faster than those that the rules choose.",
        mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
    @Option(names = "--threads", paramLabel = "N", description = "Threads to measure with (default: all cores).")
    private @Nullable Integer threads;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "20",
            description = {
                "How long whole steps are measured in different ways: with replica threads or threads inside operators,"
                        + " with OpenBLAS or MKL, waiting passively or busily (default: ${DEFAULT-VALUE}; 0: not at all)."
            })
    private double seconds;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    /** Made by picocli. */
    @SuppressWarnings("NullAway.Init")
    public DoctorCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), "threads must be at least 1, not " + count);
        }
        if (!(seconds >= 0 && seconds <= 3600)) {
            throw new ParameterException(spec.commandLine(), "seconds must be from 0 to 3600, not " + seconds);
        }
        Machine machine = Machine.detect(count);
        Roofline roofline = Roofline.measure(count);
        Choices.Findings findings = seconds == 0 ? Choices.Findings.NONE : Choices.measure(count, seconds);
        DoctorReport report = new DoctorReport(machine, roofline, findings);
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
