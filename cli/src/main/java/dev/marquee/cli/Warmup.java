package dev.marquee.cli;

import dev.marquee.cli.bench.PerceptronBench;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/**
 * Loads the classes that every run needs, so that the launcher can archive them for a fast start (class data sharing).
 * It also unpacks the native engine. Not a command.
 */
public final class Warmup {
    private Warmup() {}

    /**
     * Does one training step and prints a usage text to nowhere.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        new CommandLine(new BenchCommand()).usage(new PrintWriter(new StringWriter()));
        PerceptronBench.warmUp();
    }
}
