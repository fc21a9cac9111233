package dev.marquee.cli;

import dev.marquee.collective.Spans;
import dev.marquee.launch.Agent;
import dev.marquee.launch.Launch;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code marquee launch}: trains with several processes, on one machine or several. */
@Command(
        name = "launch",
        mixinStandardHelpOptions = true,
        description = "Trains one model with several processes, here or on several machines, and starts them again from"
                + " the last checkpoint when one is lost.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  marquee launch --workers 2 train",
            "  marquee launch --workers 4 train census_income_wide_deep --out runs/mine",
            "On several machines that share a folder, with the same MARQUEE_SECRET, one line on each:",
            "  marquee launch --nodes 2 --node-rank 0 --rendezvous host0:29400 train mine.yaml --out /shared/run",
            "  marquee launch --nodes 2 --node-rank 1 --rendezvous host0:29400 train mine.yaml --out /shared/run"
        })
final class LaunchCommand implements Callable<Integer> {
    static final String NAME = "launch";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Processes on this machine. Default: ${DEFAULT-VALUE}.",
            defaultValue = "2")
    private int workers;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of each process. Default: the cores, shared out.")
    private int threads;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            description = "Machines that take part. Default: 1.",
            defaultValue = "1")
    private int nodes;

    @Option(
            names = "--node-rank",
            paramLabel = "K",
            description = "Which of the machines this is, from 0.",
            defaultValue = "0")
    private int nodeRank;

    @Option(
            names = "--rendezvous",
            paramLabel = "HOST:PORT",
            description =
                    "Where the processes meet: an address of machine 0, and a port that is free there. Default: this"
                            + " machine only, any free port.",
            defaultValue = "127.0.0.1:0")
    private String rendezvous = "127.0.0.1:0";

    @Option(
            names = "--max-restarts",
            paramLabel = "N",
            description = "How often to start all again when one is lost. Default: ${DEFAULT-VALUE}.",
            defaultValue = "3")
    private int maxRestarts;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long a process may be silent until it counts as lost, such as 30s or 2m. Default:"
                    + " ${DEFAULT-VALUE}.",
            defaultValue = "30s")
    private String timeout = "30s";

    @Parameters(arity = "1..*", paramLabel = "train", description = "What each process runs: train, with its options.")
    private List<String> arguments = new ArrayList<>();

    LaunchCommand(CommandSpec spec) {
        this.spec = spec;
    }

    LaunchCommand() {
        this(CommandSpec.create());
    }

    @Override
    public Integer call() {
        Launch launch = launch();
        PrintWriter err = spec.commandLine().getErr();
        notice(
                err,
                launch.workers() + (launch.workers() == 1 ? " worker" : " workers") + " of " + launch.threads()
                        + (launch.threads() == 1 ? " thread" : " threads")
                        + (launch.nodes() == 1 ? "" : " on each of " + launch.nodes() + " machines") + " · logs in "
                        + launch.logs());
        Agent agent = new Agent(launch, message -> notice(err, message));
        try (Interrupt interrupt = Interrupt.arm(agent::stop)) {
            return agent.run();
        }
    }

    private Launch launch() {
        TrainCommand train = parseTraining();
        Path out = train.outFolder();
        List<String> training = new ArrayList<>(arguments);
        if (!train.hasOut()) {
            if (nodes > 1) {
                throw usage("with several machines train needs --out, a folder that all of them see");
            }
            training.addAll(List.of("--out", out.toString()));
        }
        URI meeting = meeting();
        int each =
                threads > 0 ? threads : Math.max(1, Runtime.getRuntime().availableProcessors() / Math.max(1, workers));
        try {
            return new Launch(
                    OwnCommand.of(each, training),
                    Map.of(),
                    workers,
                    each,
                    nodes,
                    nodeRank,
                    meeting.getHost(),
                    meeting.getPort(),
                    Optional.ofNullable(System.getenv("MARQUEE_SECRET")).filter(secret -> !secret.isBlank()),
                    span(),
                    maxRestarts,
                    out.resolve("logs"));
        } catch (IllegalArgumentException e) {
            throw usage(e.getMessage());
        }
    }

    /** Finds what is wrong with the options of train before anything starts. */
    private TrainCommand parseTraining() {
        if (!arguments.get(0).equals("train")) {
            throw usage(
                    "launch starts trainings, such as: marquee launch --workers 2 train census_income_wide_deep; not \""
                            + arguments.get(0) + "\"");
        }
        TrainCommand train = new TrainCommand();
        new CommandLine(train)
                .setCommandName("marquee train")
                .setErr(spec.commandLine().getErr())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .parseArgs(arguments.subList(1, arguments.size()).toArray(String[]::new));
        return train;
    }

    private URI meeting() {
        try {
            URI uri = new URI("tcp://" + rendezvous);
            if (uri.getHost() != null && uri.getPort() >= 0) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Told below.
        }
        throw usage("--rendezvous takes HOST:PORT, such as host0:29400, not \"" + rendezvous + "\"");
    }

    private Duration span() {
        try {
            return Spans.parse(timeout);
        } catch (IllegalArgumentException e) {
            throw usage("--timeout: " + e.getMessage());
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static void notice(PrintWriter err, String message) {
        synchronized (err) {
            err.printf("%-8s %s%n", NAME, message);
            err.flush();
        }
    }
}
