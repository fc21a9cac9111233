package dev.marquee.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help.ColorScheme;

/** Turns what went wrong into a sentence for the user; stack traces are for those who ask. */
final class Failures {
    /** Set to any value, it shows where in the program a failure came from. */
    static final String TRACE = "MARQUEE_TRACE";

    private Failures() {}

    static int report(Exception exception, PrintWriter err, ColorScheme colors) {
        if (System.getenv(TRACE) != null) {
            exception.printStackTrace(err);
        }
        err.println(colors.errorText("marquee: " + sentence(exception)));
        return ExitCode.SOFTWARE;
    }

    static String sentence(Exception exception) {
        String message = exception.getMessage();
        if (message == null || message.isBlank()) {
            message = exception.getClass().getSimpleName();
        }
        return expected(exception)
                ? message
                : "something unexpected went wrong: " + firstLine(message) + " (" + TRACE + "=1 shows where)";
    }

    /** Whether the message was written for the user. */
    private static boolean expected(Exception exception) {
        return exception instanceof IllegalArgumentException
                || exception instanceof IllegalStateException
                || exception instanceof UncheckedIOException
                || exception.getClass().getPackageName().startsWith("dev.marquee");
    }

    /** The engine's messages carry a C++ stack behind their first line. */
    private static String firstLine(String message) {
        return message.lines().findFirst().orElse(message);
    }
}
