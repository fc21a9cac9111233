package dev.marquee.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A Python process that does the same training steps in PyTorch. Between two requests it waits on its pipe and takes no
 * processor time.
 */
final class Peer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration START = Duration.ofMinutes(2);
    /** The launcher's list of variables that it set for this engine's sake and that the user's PyTorch would not have. */
    private static final String SET_BY_LAUNCHER = "MARQUEE_SET";

    private final String python;
    private final Process process;
    private final Writer requests;
    private final BlockingQueue<Optional<String>> answers = new LinkedBlockingQueue<>();
    private final Deque<String> complaints = new ArrayDeque<>();
    private final String name;

    private Peer(String python, Process process, Duration patience) throws PeerException {
        this.python = python;
        this.process = process;
        requests = process.outputWriter(StandardCharsets.UTF_8);
        listen(
                process.inputReader(StandardCharsets.UTF_8),
                line -> answers.add(Optional.of(line)),
                () -> answers.add(Optional.empty()));
        listen(process.errorReader(StandardCharsets.UTF_8), this::complain, () -> {});
        name = answer(patience).path("peer").asText("Python");
    }

    /**
     * Starts the process and waits until PyTorch is imported.
     *
     * @param python the interpreter: a path, or a name on PATH
     * @return the peer; close it
     * @throws PeerException when there is no such interpreter, or it has no PyTorch
     */
    static Peer start(String python) throws PeerException {
        return start(python, START);
    }

    static Peer start(String python, Duration patience) throws PeerException {
        ProcessBuilder builder = new ProcessBuilder(List.of(python, "-u", "-c", script()));
        String set = builder.environment().getOrDefault(SET_BY_LAUNCHER, "");
        for (String variable : set.split(" ", -1)) {
            builder.environment().remove(variable);
        }
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new PeerException("cannot start " + python + ": " + reason(e)
                    + ". Give the path of a Python interpreter that has PyTorch.");
        }
        try {
            return new Peer(python, process, patience);
        } catch (PeerException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /**
     * What the other side is.
     *
     * @return such as {@code PyTorch 2.13.0}
     */
    String name() {
        return name;
    }

    /**
     * Has steps done.
     *
     * @param work the workload in the peer's words
     * @param steps how many, at least 1
     * @param threads how many threads it may use
     * @param patience how long to wait
     * @return seconds taken
     * @throws PeerException when the process says that it failed, ends, or takes too long
     */
    double seconds(Map<String, Object> work, int steps, int threads, Duration patience) throws PeerException {
        Map<String, Object> request = new HashMap<>(work);
        request.put("steps", steps);
        request.put("threads", threads);
        try {
            requests.write(JSON.writeValueAsString(request) + "\n");
            requests.flush();
        } catch (IOException e) {
            throw ended();
        }
        JsonNode seconds = answer(patience).path("seconds");
        if (!seconds.isNumber() || seconds.asDouble() <= 0) {
            throw new PeerException(python + " answered without a time");
        }
        return seconds.asDouble();
    }

    @Override
    public void close() {
        try {
            requests.close();
            process.waitFor(2, TimeUnit.SECONDS);
        } catch (IOException e) {
            // The process is gone already.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }

    private JsonNode answer(Duration patience) throws PeerException {
        Optional<String> line;
        try {
            line = answers.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PeerException("interrupted while " + python + " was measuring");
        }
        if (line == null) {
            process.destroyForcibly();
            throw new PeerException(python + " did not answer within "
                    + (patience.toMillis() < 1000 ? patience.toMillis() + " ms" : patience.toSeconds() + " s"));
        }
        if (line.isEmpty()) {
            throw ended();
        }
        JsonNode answer;
        try {
            answer = JSON.readTree(line.get());
        } catch (JsonProcessingException e) {
            throw new PeerException(python + " is no Python that this benchmark understands: it printed \""
                    + shortened(line.get()) + "\"");
        }
        if (answer.has("error")) {
            String error = answer.get("error").asText();
            boolean importing = error.startsWith("ImportError") || error.startsWith("ModuleNotFoundError");
            throw new PeerException(python + (importing ? " has no usable PyTorch: " : " failed: ") + error);
        }
        return answer;
    }

    private PeerException ended() {
        try {
            process.waitFor(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        String how = process.isAlive() ? "closed its output" : "ended with exit code " + process.exitValue();
        String last;
        synchronized (complaints) {
            last = complaints.isEmpty() ? "" : ": " + shortened(complaints.getLast());
        }
        return new PeerException(python + " " + how + last);
    }

    private void complain(String line) {
        synchronized (complaints) {
            if (!line.isBlank()) {
                complaints.add(line);
            }
            if (complaints.size() > 20) {
                complaints.removeFirst();
            }
        }
    }

    /** Reads lines on a thread of its own until the other side closes. */
    private static void listen(BufferedReader reader, Consumer<String> line, Runnable end) {
        Thread thread = new Thread(
                () -> {
                    try (reader) {
                        reader.lines().forEach(line);
                    } catch (IOException | UncheckedIOException e) {
                        // A pipe that breaks is an end like any other.
                    } finally {
                        end.run();
                    }
                },
                "peer-reader");
        thread.setDaemon(true);
        thread.start();
    }

    private static String reason(IOException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("error=2,") || message.contains("error: 2 ")) {
            return "no such file";
        }
        return message.contains("error=13,") || message.contains("error: 13 ") ? "not executable" : message;
    }

    private static String shortened(String line) {
        return line.length() <= 200 ? line : line.substring(0, 200) + "…";
    }

    private static String script() {
        try (InputStream stream = Peer.class.getResourceAsStream("peer.py")) {
            if (stream == null) {
                throw new IllegalStateException("peer.py is missing from this build of Marquee");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
