package dev.marquee.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Another process that does the same training steps, such as PyTorch's in Python. Between two requests it waits on its pipe
 * and takes no processor time.
 */
final class Peer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration START = Duration.ofMinutes(2);
    private final String label;
    private final Process process;
    private final Writer requests;
    private final BlockingQueue<Optional<String>> answers = new LinkedBlockingQueue<>();
    private final Deque<String> complaints = new ArrayDeque<>();
    private final String name;
    private final boolean compiles;

    private Peer(String label, Process process, Duration patience) throws PeerException {
        this.label = label;
        this.process = process;
        requests = process.outputWriter(StandardCharsets.UTF_8);
        listen(
                process.inputReader(StandardCharsets.UTF_8),
                line -> answers.add(Optional.of(line)),
                () -> answers.add(Optional.empty()));
        listen(process.errorReader(StandardCharsets.UTF_8), this::complain, () -> {});
        JsonNode hello = answer(patience);
        name = hello.path("peer").asText(label);
        compiles = hello.path("compiles").asBoolean(false);
    }

    /**
     * Starts the process and waits until it is ready.
     *
     * @param command how
     * @return the peer; close it
     * @throws PeerException when there is no such program, or it cannot do what is asked
     */
    static Peer start(PeerCommand command) throws PeerException {
        return start(command, START);
    }

    static Peer start(PeerCommand command, Duration patience) throws PeerException {
        ProcessBuilder builder = new ProcessBuilder(command.words());
        command.variables().forEach((name, value) -> {
            if (value.isEmpty()) {
                builder.environment().remove(name);
            } else {
                builder.environment().put(name, value);
            }
        });
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new PeerException("cannot start " + command.label() + ": " + reason(e) + ". " + command.hint());
        }
        try {
            return new Peer(command.label(), process, patience);
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
     * Whether the other side can compile its networks.
     *
     * @return true if {@link #prepare} may be asked to
     */
    boolean compiles() {
        return compiles;
    }

    /**
     * Has a compiled network made and warmed up, which may take a minute or more.
     *
     * @param work the workload in the peer's words
     * @param threads how many threads it may use
     * @param patience how long to wait
     * @return why it cannot be compiled there; empty when it is ready
     * @throws PeerException when the process says that it failed, ends, or takes too long
     */
    Optional<String> prepare(Map<String, Object> work, int threads, Duration patience) throws PeerException {
        return unavailable(ask(work, true, 0, threads, patience));
    }

    /**
     * Has steps done.
     *
     * @param work the workload in the peer's words
     * @param compiled whether by the compiled network
     * @param steps how many, at least 1
     * @param threads how many threads it may use
     * @param patience how long to wait
     * @return seconds taken
     * @throws PeerException when the process says that it failed, ends, or takes too long
     */
    double seconds(Map<String, Object> work, boolean compiled, int steps, int threads, Duration patience)
            throws PeerException {
        JsonNode answer = ask(work, compiled, steps, threads, patience);
        Optional<String> unavailable = unavailable(answer);
        if (unavailable.isPresent()) {
            throw new PeerException(label + " failed: " + unavailable.get());
        }
        JsonNode seconds = answer.path("seconds");
        if (!seconds.isNumber() || seconds.asDouble() <= 0) {
            throw new PeerException(label + " answered without a time");
        }
        return seconds.asDouble();
    }

    /**
     * Has steps done, for all that the answer says.
     *
     * @param work the workload in the peer's words
     * @param steps how many, at least 1
     * @param threads how many threads it may use
     * @param patience how long to wait
     * @return the answer, with {@code seconds}
     * @throws PeerException when the process says that it failed, ends, or takes too long
     */
    JsonNode steps(Map<String, Object> work, int steps, int threads, Duration patience) throws PeerException {
        return ask(work, false, steps, threads, patience);
    }

    private JsonNode ask(Map<String, Object> work, boolean compiled, int steps, int threads, Duration patience)
            throws PeerException {
        Map<String, Object> request = new HashMap<>(work);
        request.put("steps", steps);
        request.put("threads", threads);
        if (compiled) {
            request.put("compiled", true);
        }
        try {
            requests.write(JSON.writeValueAsString(request) + "\n");
            requests.flush();
        } catch (IOException e) {
            throw ended();
        }
        return answer(patience);
    }

    private static Optional<String> unavailable(JsonNode answer) {
        return Optional.ofNullable(answer.get("unavailable")).map(JsonNode::asText);
    }

    /** Tells the process that no more requests will come, without waiting for its end. */
    void end() {
        try {
            requests.close();
        } catch (IOException e) {
            // The process is gone already.
        }
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
            throw new PeerException("interrupted while " + label + " was measuring");
        }
        if (line == null) {
            process.destroyForcibly();
            throw new PeerException(label + " did not answer within "
                    + (patience.toMillis() < 1000 ? patience.toMillis() + " ms" : patience.toSeconds() + " s"));
        }
        if (line.isEmpty()) {
            throw ended();
        }
        JsonNode answer;
        try {
            answer = JSON.readTree(line.get());
        } catch (JsonProcessingException e) {
            throw new PeerException(label + " is nothing that this benchmark understands: it printed \""
                    + shortened(line.get()) + "\"");
        }
        if (answer.has("error")) {
            String error = answer.get("error").asText();
            boolean importing = error.startsWith("ImportError") || error.startsWith("ModuleNotFoundError");
            throw new PeerException(label + (importing ? " has no usable PyTorch: " : " failed: ") + error);
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
        return new PeerException(label + " " + how + last);
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
}
