package dev.marquee.cli;

import dev.marquee.cli.bench.PeerException;
import java.io.PrintWriter;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * What a command measures with worker processes, and prints as a table or as JSON.
 *
 * @param <R> the report
 */
@FunctionalInterface
interface Measurement<R> {
    /** Measures; told where to say what happens. */
    R run(Consumer<String> notices) throws PeerException, InterruptedException;

    /**
     * Measures and prints.
     *
     * @param spec the command's
     * @param topic what stands before each notice
     * @param object what is printed as JSON; null for the table
     * @param table for people
     * @return the exit code
     */
    static <R> int print(
            CommandSpec spec,
            String topic,
            Measurement<R> measurement,
            @Nullable Function<R, Object> object,
            Function<R, String> table)
            throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        R report;
        try {
            report = measurement.run(notice -> {
                err.printf("%-8s %s%n", topic, notice);
                err.flush();
            });
        } catch (PeerException e) {
            err.println("marquee: " + e.getMessage());
            err.flush();
            return CommandLine.ExitCode.SOFTWARE;
        }
        if (object != null) {
            Json.print(out, object.apply(report));
        } else {
            out.println(table.apply(report));
            out.flush();
        }
        return 0;
    }

    /**
     * Options that a command was given.
     *
     * @param options makes them, and says what is wrong
     * @throws ParameterException with that
     */
    static <O> O options(CommandSpec spec, Supplier<O> options) {
        try {
            return options.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }
}
