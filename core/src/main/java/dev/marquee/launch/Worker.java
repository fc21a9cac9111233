package dev.marquee.launch;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One process of a group. What rank 0 prints goes through; what others print goes to their logs, warnings also here. */
final class Worker {
    /** A worker ends with it when it has lost another one. */
    static final int LOST_ANOTHER = 75;

    /** A worker ends with it when it was told to stop, and has saved. */
    static final int STOPPED = 130;

    private static final int TERMINATED = 143;
    private static final int SIGNALS = 128;
    private static final int LONGEST_REASON = 2000;

    private final int rank;
    private final Process process;
    private final Path error;
    private final @Nullable Thread pump;
    private volatile String lastLine = "";

    private Worker(int rank, Process process, Path log, Path error, Consumer<String> notices) {
        this.rank = rank;
        this.process = process;
        this.error = error;
        if (rank == 0) {
            this.pump = null;
        } else {
            this.pump = new Thread(() -> pump(log, notices), "marquee-log-" + rank);
            pump.setDaemon(true);
            pump.start();
        }
    }

    static Worker start(Launch launch, int rank, Map<String, String> environment, Path logs, Consumer<String> notices) {
        Path error = logs.resolve("rank-" + rank + ".error");
        ProcessBuilder builder = new ProcessBuilder(launch.command());
        builder.environment().putAll(launch.environment());
        builder.environment().putAll(environment);
        builder.environment().put(ParentWatch.VARIABLE, "1");
        builder.environment().put("MARQUEE_ERROR_FILE", error.toAbsolutePath().toString());
        if (rank == 0) {
            builder.redirectOutput(Redirect.INHERIT).redirectError(Redirect.INHERIT);
        } else {
            builder.redirectErrorStream(true);
        }
        try {
            Files.createDirectories(logs);
            Files.deleteIfExists(error);
            return new Worker(rank, builder.start(), logs.resolve("rank-" + rank + ".log"), error, notices);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start rank " + rank + ": " + e.getMessage(), e);
        }
    }

    int rank() {
        return rank;
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Whether it has ended well; only when it is not alive. */
    boolean succeeded() {
        return process.exitValue() == 0;
    }

    boolean lostAnother() {
        return process.exitValue() == LOST_ANOTHER;
    }

    /** Asks it to save and end. */
    void terminate() {
        // Not Process.destroy(), which closes standard input too: the worker would take that for the launcher's end.
        process.toHandle().destroy();
    }

    void kill() {
        process.destroyForcibly();
    }

    boolean awaitEnd(long milliseconds) throws InterruptedException {
        boolean ended = process.waitFor(milliseconds, TimeUnit.MILLISECONDS);
        if (ended && pump != null) {
            pump.join(milliseconds);
        }
        return ended;
    }

    /** Why it has ended, in its own words where it left some. */
    Failure failure() {
        int code = process.exitValue();
        if (code == STOPPED || code == TERMINATED) {
            return new Failure(Failure.Kind.STOP, "rank " + rank + " was told to stop");
        }
        if (code > SIGNALS) {
            return new Failure(
                    Failure.Kind.LOSS,
                    "rank " + rank + " was ended by signal " + (code - SIGNALS) + name(code - SIGNALS));
        }
        String words = reason();
        String text = "rank " + rank + " ended with code " + code + (words.isEmpty() ? "" : ": " + words);
        return code == LOST_ANOTHER
                ? new Failure(Failure.Kind.LOSS, words.isEmpty() ? text : words)
                : new Failure(Failure.Kind.FAULT, text);
    }

    private String reason() {
        try {
            return Files.exists(error) ? shortened(Files.readString(error).strip()) : lastLine;
        } catch (IOException e) {
            return lastLine;
        }
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_REASON ? text : text.substring(0, LONGEST_REASON) + "…";
    }

    private static String name(int signal) {
        return Optional.ofNullable(Map.of(6, "ABRT", 9, "KILL", 11, "SEGV").get(signal))
                .map(name -> " (" + name + ")")
                .orElse("");
    }

    private void pump(Path log, Consumer<String> notices) {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8);
                BufferedWriter out = Files.newBufferedWriter(log)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.write(line);
                out.newLine();
                out.flush();
                if (!line.isBlank()) {
                    lastLine = line;
                }
                if (line.startsWith("warning: ")) {
                    notices.accept("rank " + rank + "  " + line);
                }
            }
        } catch (IOException e) {
            if (process.isAlive()) {
                notices.accept("the log of rank " + rank + " ends: " + e.getMessage());
            }
        }
    }
}
