package dev.marquee.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.marquee.cli.bench.AttentionBench;
import dev.marquee.cli.bench.BenchOptions;
import dev.marquee.cli.bench.BenchReport;
import dev.marquee.cli.bench.PeerCommand;
import dev.marquee.cli.bench.PeerException;
import dev.marquee.cli.bench.PerceptronBench;
import dev.marquee.cli.bench.RankingBench;
import dev.marquee.cli.bench.TableSizeBench;
import dev.marquee.tensor.DType;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code marquee bench}: times whole training steps, and how rows come to them. */
@Command(
        name = "bench",
        description = "Times whole training steps, alone or in turn with PyTorch, how rows come to them, and a server.",
        mixinStandardHelpOptions = true,
        subcommands = {
            BenchCommand.Perceptron.class,
            BenchCommand.Attention.class,
            BenchCommand.Ranking.class,
            BenchCommand.TableSize.class,
            BenchDataCommand.class,
            BenchDistributedCommand.class,
            BenchServingCommand.class
        })
public final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Made by picocli. */
    @SuppressWarnings("NullAway.Init")
    public BenchCommand() {}

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "say what to measure: perceptron, attention, ranking, table-size, data, distributed or serving");
    }

    /** {@code marquee bench perceptron}. */
    @Command(
            name = "perceptron",
            description = "Steps of the perceptron 784-512-128-10.",
            mixinStandardHelpOptions = true)
    static final class Perceptron implements Callable<Integer> {
        @Mixin
        private Options options = new Options();

        @Mixin
        private Precisions precisions = new Precisions();

        @Option(
                names = "--batch-sizes",
                paramLabel = "N",
                split = ",",
                defaultValue = "32,256,1024",
                description = "Samples in a step, a row each (default: ${DEFAULT-VALUE}).")
        private List<Integer> batches = List.of();

        @Override
        public Integer call() throws InterruptedException {
            precisions.set(options);
            return options.report(PerceptronBench::run, batches);
        }
    }

    /** {@code --precision} and {@code --peer-precision}. */
    static final class Precisions {
        private static final String FLOAT32 = "float32";

        @Option(
                names = "--precision",
                paramLabel = "TYPE",
                defaultValue = FLOAT32,
                description = "What products are computed in: float32 or bfloat16 (default: ${DEFAULT-VALUE}).")
        private String here = FLOAT32;

        @Option(
                names = "--peer-precision",
                paramLabel = "TYPE",
                description = "The same on the other side (default: as here).")
        private @Nullable String there;

        private void set(Options options) {
            options.precision = type(options, "--precision", here);
            options.peerPrecision = type(options, "--peer-precision", there == null ? here : there);
        }

        private static DType type(Options options, String option, String text) {
            return switch (text) {
                case FLOAT32 -> DType.FLOAT32;
                case "bfloat16" -> DType.BFLOAT16;
                default ->
                    throw new ParameterException(
                            options.spec.commandLine(), option + " is float32 or bfloat16, not \"" + text + "\"");
            };
        }
    }

    /** {@code marquee bench attention}. */
    @Command(
            name = "attention",
            description = "Steps of multi-head attention at four shapes [batch, queries, keys, dim, units, heads].",
            mixinStandardHelpOptions = true)
    static final class Attention implements Callable<Integer> {
        @Mixin
        private Options options = new Options();

        @Mixin
        private Precisions precisions = new Precisions();

        @Override
        public Integer call() throws InterruptedException {
            precisions.set(options);
            return options.report(AttentionBench::run);
        }
    }

    /** {@code marquee bench ranking}. */
    @Command(
            name = "ranking",
            description = "Steps of DeepFM on click data, a million rows of 16, at batch 1024 and 4096.",
            mixinStandardHelpOptions = true)
    static final class Ranking implements Callable<Integer> {
        @Mixin
        private Options options = new Options();

        @Mixin
        private Precisions precisions = new Precisions();

        @Override
        public Integer call() throws InterruptedException {
            precisions.set(options);
            return options.report(RankingBench::run);
        }
    }

    /** {@code marquee bench table-size}. */
    @Command(
            name = "table-size",
            description = "Steps on embedding tables of ten million rows, in turn with a hundred thousand rows.",
            mixinStandardHelpOptions = true)
    static final class TableSize implements Callable<Integer> {
        @Mixin
        private Options options = new Options();

        @Override
        public Integer call() throws InterruptedException {
            return options.report(TableSizeBench::run);
        }
    }

    /** Something that measures. */
    @FunctionalInterface
    interface Bench {
        BenchReport run(BenchOptions options) throws PeerException, InterruptedException;
    }

    /** What all benchmarks take. */
    static final class Options {
        @Option(
                names = "--against-python",
                paramLabel = "PYTHON",
                description = "Do the same work, in turn, in the PyTorch of this interpreter and print the ratio.")
        private @Nullable String python;

        @Option(
                names = "--against",
                paramLabel = "PROGRAM",
                description =
                        "Do the same work, in turn, in another program, which docs/benchmarks/README.md describes.")
        private @Nullable String program;

        @Option(
                names = "--no-compile",
                description = "Leave torch.compile out; the ratio is then to PyTorch as it is, else to the faster.")
        private boolean eagerOnly;

        @Option(
                names = "--replicas",
                paramLabel = "N",
                defaultValue = "0",
                description =
                        "Replicas of the network here; 1: threads inside operators; 0, the default: as training does.")
        private int replicas;

        @Option(names = "--threads", paramLabel = "N", description = "Threads of each side (default: all cores).")
        private @Nullable Integer threads;

        @Option(
                names = "--seconds",
                paramLabel = "S",
                defaultValue = "2",
                description = "Measuring time for each row and side (default: ${DEFAULT-VALUE}).")
        private double seconds;

        @Option(names = "--json", description = "Print one JSON object and nothing else.")
        private boolean json;

        @Spec(Spec.Target.MIXEE)
        private CommandSpec spec;

        private DType precision = DType.FLOAT32;
        private DType peerPrecision = DType.FLOAT32;

        @SuppressWarnings("NullAway.Init")
        Options() {}

        int report(Bench bench) throws InterruptedException {
            return report(bench, List.of());
        }

        int report(Bench bench, List<Integer> batches) throws InterruptedException {
            CommandLine command = spec.commandLine();
            BenchOptions options = checked(command, batches);
            BenchReport report;
            try {
                report = bench.run(options);
            } catch (PeerException e) {
                command.getErr().println("marquee: " + e.getMessage());
                command.getErr().flush();
                return CommandLine.ExitCode.SOFTWARE;
            }
            PrintWriter out = command.getOut();
            out.println(json ? json(report) : report.table());
            out.flush();
            return CommandLine.ExitCode.OK;
        }

        private BenchOptions checked(CommandLine command, List<Integer> batches) {
            int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
            if (python != null && program != null) {
                throw new ParameterException(command, "compare with --against-python or with --against, not with both");
            }
            Optional<PeerCommand> peer = Optional.ofNullable(python)
                    .map(PeerCommand::python)
                    .or(() -> Optional.ofNullable(program).map(PeerCommand::program));
            try {
                return new BenchOptions(count, seconds, peer, !eagerOnly, replicas, precision, peerPrecision, batches);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(command, e.getMessage());
            }
        }

        private static String json(BenchReport report) {
            try {
                return new ObjectMapper().writeValueAsString(Map.of("rows", report.rows()));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("a report is always JSON", e);
            }
        }
    }
}
