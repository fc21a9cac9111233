package dev.marquee.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntFunction;

/** Processes that make steps together: a group, or one that is alone. Between requests all of them wait. */
final class Crew implements AutoCloseable {
    /** The first request makes the network and its data, and may simulate and prepare these. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final List<Peer> workers = new ArrayList<>();

    /**
     * Some steps of all.
     *
     * @param seconds until the last one had finished them
     * @param exchanged bytes of a step that a worker had for the others
     * @param rows of these bytes, those of rows of embedding tables
     * @param early the share of all that was there when backward ended, from 0 to 1
     * @param resident the most memory that a worker had, in bytes; 0 where the system does not tell
     */
    record Steps(double seconds, double exchanged, double rows, double early, double resident) {}

    private Crew() {}

    /**
     * Starts them. They meet when the first steps are asked for.
     *
     * @param size how many
     * @param command of each rank
     * @throws PeerException when one cannot be started
     */
    static Crew start(int size, IntFunction<PeerCommand> command) throws PeerException {
        Crew crew = new Crew();
        try {
            for (int rank = 0; rank < size; rank++) {
                crew.workers.add(Peer.start(command.apply(rank)));
            }
            return crew;
        } catch (PeerException e) {
            crew.close();
            throw e;
        }
    }

    /** What the first one is. */
    String name() {
        return workers.get(0).name();
    }

    int size() {
        return workers.size();
    }

    /**
     * Has steps made by all at the same time.
     *
     * @param work in the workers' words
     * @param steps how many, at least 1
     * @param threads of each worker
     * @throws PeerException when one fails, ends or takes too long
     */
    Steps steps(Map<String, Object> work, int steps, int threads) throws PeerException {
        List<CompletableFuture<JsonNode>> asked = new ArrayList<>();
        for (Peer worker : workers) {
            CompletableFuture<JsonNode> answer = new CompletableFuture<>();
            Thread waiting = new Thread(
                    () -> {
                        try {
                            answer.complete(worker.steps(work, steps, threads, PATIENCE));
                        } catch (PeerException | RuntimeException e) {
                            answer.completeExceptionally(e);
                        }
                    },
                    "crew-" + asked.size());
            waiting.setDaemon(true);
            waiting.start();
            asked.add(answer);
        }
        double seconds = 0;
        for (CompletableFuture<JsonNode> answer : asked) {
            try {
                seconds = Math.max(seconds, answer.join().path("seconds").asDouble());
            } catch (CompletionException e) {
                if (e.getCause() instanceof PeerException failure) {
                    throw failure;
                }
                throw e;
            }
        }
        JsonNode first = asked.get(0).join();
        return new Steps(
                seconds,
                first.path("exchanged").asDouble(),
                first.path("rows").asDouble(),
                first.path("early").asDouble(),
                first.path("resident").asDouble());
    }

    /**
     * How many steps take about that long, after enough of them to be warm.
     *
     * @param seconds how long
     * @param work in the workers' words
     * @param threads of each worker
     * @return at least 1
     * @throws PeerException when a worker fails, ends or takes too long
     */
    int stepsIn(double seconds, Map<String, Object> work, int threads) throws PeerException {
        int steps = 2;
        double taken = steps(work, steps, threads).seconds();
        while (taken < seconds / 2) {
            steps *= 2;
            taken = steps(work, steps, threads).seconds();
        }
        return Math.max(1, (int) Math.round(steps * seconds / taken));
    }

    @Override
    public void close() {
        // All at once: who waits for another in an exchange ends when that one does.
        workers.forEach(Peer::end);
        workers.forEach(Peer::close);
    }
}
