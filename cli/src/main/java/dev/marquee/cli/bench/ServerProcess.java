package dev.marquee.cli.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code marquee serve} in a process of its own, with a log of its garbage collector. */
final class ServerProcess implements AutoCloseable {
    private static final String NAME = "bench";
    private static final Pattern URL = Pattern.compile("serving\\s+http://([^:]+):(\\d+)");
    private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{([^}]*)})? ([-0-9.eE+]+)");
    private static final Pattern STAGE = Pattern.compile("stage=\"(\\w+)\"");
    private static final Pattern COLLECTOR = Pattern.compile("Using (.+)");
    private static final Pattern PAUSE =
            Pattern.compile("Pause .*?(?:(\\d+)M->(\\d+)M\\(\\d+M\\) )?(\\d+\\.\\d+)ms\\s*$");

    private final Process process;
    private final Path log;
    private final String host;
    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Thread hook;

    private ServerProcess(Process process, Thread hook, Path log, String host, int port) {
        this.process = process;
        this.hook = hook;
        this.log = log;
        this.host = host;
        this.port = port;
    }

    /**
     * Some numbers of its {@code /metrics}.
     *
     * @param resident bytes of the process
     * @param shed requests refused
     * @param seconds of each stage so far
     * @param counts how often each stage was
     */
    record Numbers(double resident, double shed, Map<String, Double> seconds, Map<String, Double> counts) {
        /** The mean of each stage since then, in milliseconds. */
        Map<String, Double> since(Numbers before) {
            Map<String, Double> means = new LinkedHashMap<>();
            for (String stage : List.of("parse", "encode", "queue", "score", "write")) {
                double count = counts.getOrDefault(stage, 0.0) - before.counts.getOrDefault(stage, 0.0);
                double spent = seconds.getOrDefault(stage, 0.0) - before.seconds.getOrDefault(stage, 0.0);
                if (count > 0) {
                    means.put(stage, 1e3 * spent / count);
                }
            }
            return means;
        }
    }

    /**
     * Starts it, and waits until it serves.
     *
     * @param run the run's folder
     * @param folder for its log
     * @throws PeerException when it does not
     */
    static ServerProcess start(Path run, Path folder) throws PeerException {
        Path log = folder.resolve("gc.log");
        Path errors = folder.resolve("server.err");
        List<String> words = new ArrayList<>(
                OwnProcess.words(List.of("-Xlog:gc:file=" + log + "::filecount=0"), "dev.marquee.cli.Main"));
        words.addAll(List.of("serve", run.toString(), "--port", "0", "--name", NAME, "--no-access-log"));
        Process process;
        try {
            process = new ProcessBuilder(words).redirectError(errors.toFile()).start();
        } catch (IOException e) {
            throw new PeerException("cannot start Java: " + e.getMessage());
        }
        Thread hook = new Thread(process::destroyForcibly, "marquee-bench-server"); // if this program is told to end
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                Matcher url = URL.matcher(line);
                if (url.find()) {
                    return new ServerProcess(process, hook, log, url.group(1), Integer.parseInt(url.group(2)));
                }
            }
            process.destroyForcibly();
            forget(hook);
            throw new PeerException(
                    "the server does not start: " + Files.readString(errors).strip());
        } catch (IOException e) {
            process.destroyForcibly();
            forget(hook);
            throw new PeerException("the server does not start: " + e.getMessage());
        }
    }

    String host() {
        return host;
    }

    int port() {
        return port;
    }

    String path() {
        return "/v1/models/" + NAME + ":rank";
    }

    Numbers numbers() throws InterruptedException {
        double resident = 0;
        double shed = 0;
        Map<String, Double> seconds = new LinkedHashMap<>();
        Map<String, Double> counts = new LinkedHashMap<>();
        for (String line : metrics().split("\n", -1)) {
            Matcher sample = SAMPLE.matcher(line);
            if (!sample.matches()) {
                continue;
            }
            double value = Double.parseDouble(sample.group(3));
            String stage = stage(sample.group(2));
            switch (sample.group(1)) {
                case "marquee_resident_bytes" -> resident = value;
                case "marquee_shed_total" -> shed = value;
                case "marquee_stage_seconds_sum" -> seconds.put(stage, value);
                case "marquee_stage_seconds_count" -> counts.put(stage, value);
                default -> {}
            }
        }
        return new Numbers(resident, shed, seconds, counts);
    }

    /** Those that were logged so far. */
    ServingReport.Collections collections() {
        try {
            return collections(Files.readAllLines(log));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + log, e);
        }
    }

    static ServingReport.Collections collections(List<String> lines) {
        String name = "unknown";
        int count = 0;
        double millis = 0;
        double longest = 0;
        long heap = 0;
        for (String line : lines) {
            Matcher collector = COLLECTOR.matcher(line);
            if (collector.find()) {
                name = collector.group(1).strip();
            }
            Matcher pause = PAUSE.matcher(line);
            if (pause.find()) {
                double took = Double.parseDouble(pause.group(3));
                count++;
                millis += took;
                longest = Math.max(longest, took);
                heap = pause.group(2) == null ? heap : Long.parseLong(pause.group(2));
            }
        }
        return new ServingReport.Collections(name, count, millis, longest, heap);
    }

    /** As Ctrl-C would: it answers what has come, and ends. */
    @Override
    public void close() {
        process.destroy();
        forget(hook);
        try {
            if (!process.waitFor(40, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is going down already, which is what the hook is for.
        }
    }

    private static String stage(@Nullable String labels) {
        Matcher stage = STAGE.matcher(labels == null ? "" : labels);
        return stage.find() ? stage.group(1) : "";
    }

    private String metrics() throws InterruptedException {
        try {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException("the server does not answer: " + e.getMessage(), e);
        }
    }
}
