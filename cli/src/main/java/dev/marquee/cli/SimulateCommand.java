package dev.marquee.cli;

import dev.marquee.data.SimulatedConfig;
import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.simulate.SimulatedParameters;
import dev.marquee.simulate.SimulatedStream;
import dev.marquee.source.RowSource;
import dev.marquee.source.TableWriter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code marquee simulate}: writes simulated impressions to a file. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = {
            "Writes simulated ad impressions, their true probabilities included.",
            "The same options always give the same rows; docs/simulation.md says what they model."
        })
final class SimulateCommand implements Callable<Integer> {
    private static final SimulatedConfig USUAL = SimulatedConfig.DEFAULT;

    @Spec
    private CommandSpec spec;

    @Option(names = "--rows", required = true, paramLabel = "N", description = "Impressions.")
    private long rows;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "FILE",
            description = "File that ends with .parquet or .csv; lists have | between their values in CSV.")
    private Path output;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Decides the world and everything that happens in it. Default: as in training.")
    private long seed = USUAL.streamSeed();

    @Option(names = "--users", paramLabel = "U", description = "Users. Default: as in training.")
    private int users = USUAL.users();

    @Option(names = "--ads", paramLabel = "A", description = "Ads. Default: as in training.")
    private int ads = USUAL.ads();

    SimulateCommand(CommandSpec spec, Path output) {
        this.spec = spec;
        this.output = output;
    }

    SimulateCommand() {
        this(CommandSpec.create(), Path.of(""));
    }

    @Override
    public Integer call() {
        SimulatedStream stream = stream();
        PrintWriter err = spec.commandLine().getErr();
        long begin = System.nanoTime();
        try (TableWriter writer = TableWriter.open(output);
                RowSource.Reader reader = stream.open(new LinkedHashSet<>(stream.columns()));
                Countdown progress = new Countdown(err, rows)) {
            for (RawChunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                Map<String, RawColumn> columns = new LinkedHashMap<>();
                for (String name : stream.columns()) {
                    columns.put(name, Objects.requireNonNull(chunk.column(name)));
                }
                writer.write(chunk.rows(), columns);
                progress.step(chunk.rows());
            }
            writer.commit();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        err.printf(Locale.ROOT, "wrote %s: %s, %.1f s%n", Shell.word(output), stream.description(), seconds);
        return 0;
    }

    private SimulatedStream stream() {
        try {
            return SimulatedStream.of(new SimulatedParameters(users, ads, seed), rows);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** Tells now and then how far it is; on a terminal over the same line. */
    private static final class Countdown implements AutoCloseable {
        private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(500);

        private final PrintWriter err;
        private final long rows;
        private final boolean shown = Terminal.isErrorTerminal();
        private long done;
        private long last = System.nanoTime();

        Countdown(PrintWriter err, long rows) {
            this.err = err;
            this.rows = rows;
        }

        void step(int more) {
            done += more;
            long now = System.nanoTime();
            if (shown && now - last > INTERVAL) {
                last = now;
                err.printf(Locale.ROOT, "\rsimulate  %,d of %,d rows", done, rows);
                err.flush();
            }
        }

        @Override
        public void close() {
            if (shown) {
                err.print("\r" + " ".repeat(60) + "\r");
                err.flush();
            }
        }
    }
}
