package dev.marquee.cli;

import dev.marquee.collective.GroupException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help.ColorScheme;

/** Turns what went wrong into a sentence for the user; stack traces are for those who ask. */
final class Failures {
    /** Set to any value, it shows where in the program a failure came from. */
    static final String TRACE = "MARQUEE_TRACE";

    /** Where a launcher looks for the reason. */
    private static final String ERROR_FILE = "MARQUEE_ERROR_FILE";

    /** Tells a launcher that the same training may go well another time (EX_TEMPFAIL). */
    private static final int LOST_ANOTHER = 75;

    private static final Pattern ALLOCATION =
            Pattern.compile("can't allocate memory: you tried to allocate (\\d{1,18}) bytes");

    private Failures() {}

    static int report(Throwable exception, PrintWriter err, ColorScheme colors) {
        if (System.getenv(TRACE) != null) {
            exception.printStackTrace(err);
        }
        String sentence = sentence(exception);
        err.println(colors.errorText("marquee: " + sentence));
        tellLauncher(sentence, err);
        return exception instanceof GroupException group && group.isLoss() ? LOST_ANOTHER : ExitCode.SOFTWARE;
    }

    /** A launcher shows why a worker failed, whose standard error it may not see. */
    private static void tellLauncher(String sentence, PrintWriter err) {
        String file = System.getenv(ERROR_FILE);
        if (file != null) {
            try {
                Files.writeString(Path.of(file), sentence);
            } catch (IOException e) {
                err.println("warning: cannot write " + file + ": " + reason(e));
            }
        }
    }

    static String sentence(Throwable exception) {
        if (exception instanceof OutOfMemoryError) {
            return "Java's memory is used up (" + exception.getMessage()
                    + "): give it more, such as MARQUEE_JAVA_OPTS=-Xmx8g, or make the model or data.batch_size smaller";
        }
        String message = exception.getMessage();
        if (message == null || message.isBlank()) {
            message = exception.getClass().getSimpleName();
        }
        Matcher allocation = ALLOCATION.matcher(message);
        if (allocation.find()) {
            return String.format(
                    Locale.ROOT,
                    "the engine could not get %,d bytes of memory: make the model or data.batch_size smaller",
                    Long.parseLong(allocation.group(1)));
        }
        return expected(exception)
                ? message
                : "something unexpected went wrong: " + firstLine(message) + " (" + TRACE + "=1 shows where)";
    }

    /** Why a file could not be read or written: Java's exceptions often tell its path only. */
    static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such folder";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileSystemException f && f.getReason() != null) {
            return f.getReason();
        }
        return String.valueOf(e.getMessage());
    }

    /** Whether the message was written for the user. */
    private static boolean expected(Throwable exception) {
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
