package dev.marquee.spark;

import dev.marquee.launch.ParentWatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A process that trains as one member of a group, started by a task of an executor. It is a process of its own because the
 * engine has settings and memory that belong to the process, and several tasks may run in one executor; and because it can
 * be ended. It ends by itself when the executor does, whose end of its standard input is closed then.
 */
final class RankProcess implements AutoCloseable {
    private static final long LOOK_MILLIS = 100;
    private static final int SIGNALS = 128;

    private final RankJob job;
    private final Place place;
    private final Process process;
    private final Path scratch;

    /**
     * Which worker it is, and where.
     *
     * @param rank from 0
     * @param localRank which of those on its machine, from 0
     * @param attempt counts restarts
     * @param host of the rendezvous
     * @param port of the rendezvous
     * @param prepared the folder for prepared rows, on a disk of this machine
     * @param threads how many it may use
     */
    record Place(int rank, int localRank, int attempt, String host, int port, Path prepared, int threads) {}

    private RankProcess(RankJob job, Place place, Process process, Path scratch) {
        this.job = job;
        this.place = place;
        this.process = process;
        this.scratch = scratch;
    }

    static RankProcess start(RankJob job, Place place) {
        Path log = log(job, place);
        try {
            Files.createDirectories(log.getParent());
            Path scratch = Files.createTempDirectory("marquee-rank-" + place.rank());
            Path recipe = Files.writeString(scratch.resolve("recipe.yaml"), job.recipe());
            Path arguments = scratch.resolve("java.arguments");
            // The class path may be longer than a command line.
            Files.writeString(arguments, "-cp \"" + ClassPath.own().replace("\\", "\\\\") + "\"\n");
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString()));
            command.add("-XX:ActiveProcessorCount=" + place.threads());
            command.addAll(job.javaOptions());
            command.addAll(List.of("@" + arguments, RankMain.class.getName(), recipe.toString(), job.run()));
            command.add(place.prepared().toString());
            command.add(String.valueOf(place.threads()));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.to(log.toFile()));
            builder.environment().putAll(environment(job, place));
            builder.environment().put(RankMain.ERROR_FILE, error(scratch).toString());
            return new RankProcess(job, place, builder.start(), scratch);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot start the process of rank " + place.rank() + " on " + place.host() + ": " + e.getMessage(),
                    e);
        }
    }

    /** What it prints, below the run's folder. */
    static Path log(RankJob job, Place place) {
        return Path.of(job.run(), "logs", "attempt-" + place.attempt(), "rank-" + place.rank() + ".log");
    }

    /**
     * Waits for its end.
     *
     * @param cancelled asked now and then
     * @return how it ended; empty when it was cancelled
     */
    Optional<Ending> await(BooleanSupplier cancelled) {
        try {
            while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (cancelled.getAsBoolean()) {
                    return Optional.empty();
                }
            }
            return Optional.of(ending(process.exitValue()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Ends it, if it has not ended. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        RunPlace.delete(scratch);
    }

    private Ending ending(int code) {
        if (code == 0) {
            return Ending.done(job.run());
        }
        Optional<String> words = words();
        String seen = "rank " + place.rank() + " of " + job.workers()
                + (code > SIGNALS ? " was ended by signal " + (code - SIGNALS) : " ended with code " + code)
                + words.map(text -> ": " + text).orElse("") + " (" + log(job, place) + ")";
        if (code == RankMain.LOST_ANOTHER) {
            return Ending.loss(words.orElse(seen));
        }
        return code > SIGNALS ? Ending.loss(seen) : Ending.fault(seen);
    }

    private Optional<String> words() {
        try {
            Path file = error(scratch);
            return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Path error(Path scratch) {
        return scratch.resolve("error");
    }

    private static Map<String, String> environment(RankJob job, Place place) {
        String threads = String.valueOf(place.threads());
        return Map.ofEntries(
                Map.entry("RANK", String.valueOf(place.rank())),
                Map.entry("WORLD_SIZE", String.valueOf(job.workers())),
                Map.entry("LOCAL_RANK", String.valueOf(place.localRank())),
                Map.entry("MASTER_ADDR", place.host()),
                Map.entry("MASTER_PORT", String.valueOf(place.port())),
                Map.entry("MARQUEE_HOSTED", "1"),
                Map.entry("MARQUEE_ATTEMPT", String.valueOf(place.attempt())),
                Map.entry("MARQUEE_SECRET", job.secret()),
                Map.entry("MARQUEE_TIMEOUT", job.timeout()),
                Map.entry(ParentWatch.VARIABLE, "1"),
                Map.entry("OMP_WAIT_POLICY", "passive"),
                Map.entry("OMP_NUM_THREADS", threads),
                Map.entry("OPENBLAS_NUM_THREADS", threads));
    }
}
