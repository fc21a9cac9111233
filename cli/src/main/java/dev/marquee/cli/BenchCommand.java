package dev.marquee.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.marquee.cli.bench.AttentionBench;
import dev.marquee.cli.bench.BenchOptions;
import dev.marquee.cli.bench.BenchReport;
import dev.marquee.cli.bench.PeerException;
import dev.marquee.cli.bench.PerceptronBench;
import dev.marquee.cli.bench.RankingBench;
import dev.marquee.cli.bench.TableSizeBench;
import java.io.PrintWriter;
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
        description = "Times whole training steps, alone or in turn with PyTorch, and how rows come to them.",
        mixinStandardHelpOptions = true,
        subcommands = {
            BenchCommand.Perceptron.class,
            BenchCommand.Attention.class,
            BenchCommand.Ranking.class,
            BenchCommand.TableSize.class,
            BenchDataCommand.class
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
                spec.commandLine(), "say what to measure: perceptron, attention, ranking, table-size or data");
    }

    /** {@code marquee bench perceptron}. */
    @Command(
            name = "perceptron",
            description = "Steps of the perceptron 784-512-128-10 at batch 32, 256 and 1024.",
            mixinStandardHelpOptions = true)
    static final class Perceptron implements Callable<Integer> {
        @Mixin
        private Options options = new Options();

        @Override
        public Integer call() throws InterruptedException {
            return options.report(PerceptronBench::run);
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

        @Override
        public Integer call() throws InterruptedException {
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

        @Override
        public Integer call() throws InterruptedException {
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

        @SuppressWarnings("NullAway.Init")
        Options() {}

        int report(Bench bench) throws InterruptedException {
            CommandLine command = spec.commandLine();
            BenchOptions options = checked(command);
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

        private BenchOptions checked(CommandLine command) {
            int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
            try {
                return new BenchOptions(count, seconds, Optional.ofNullable(python));
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
