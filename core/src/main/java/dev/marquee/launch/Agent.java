package dev.marquee.launch;

import dev.marquee.collective.GroupException;
import dev.marquee.collective.Heartbeat;
import dev.marquee.collective.RendezvousClient;
import dev.marquee.collective.RendezvousServer;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Starts the workers of one machine, watches them, and starts all of them again when one is lost. With several machines
 * one agent runs on each; that of machine 0 has the rendezvous, and they agree by it when to start again.
 *
 * <p>A worker ends with code 75 when it has lost another one, which calls for a restart, as the end by a signal does; with
 * 130 when it was told to stop; and with any other code when it cannot go on, and would not be able to another time.
 */
public final class Agent {
    private static final Duration MACHINES_COME_WITHIN = Duration.ofMinutes(10);
    private static final Duration WORKERS_END_WITHIN = Duration.ofMinutes(1);
    private static final Duration ENDING = Duration.ofSeconds(10);
    private static final int STOPPED = 130;
    private static final int SECRET_BITS = 256;

    private final Launch launch;
    private final Consumer<String> notices;
    private volatile boolean stopWanted;

    /**
     * An agent that has started nothing yet.
     *
     * @param launch what to start
     * @param notices told what happens, and the warnings of workers
     */
    public Agent(Launch launch, Consumer<String> notices) {
        this.launch = launch;
        this.notices = notices;
    }

    /** Lets the workers save and end; {@link #run} returns then. May be called on any thread. */
    public void stop() {
        stopWanted = true;
    }

    /**
     * Runs until the workers of all machines have ended well, or cannot.
     *
     * @return 0 when they have, 130 when they were stopped
     * @throws LaunchException when they cannot, with the first failure
     * @throws GroupException when the machines do not find each other
     */
    public int run() {
        String secret = launch.secret().orElseGet(() -> new BigInteger(SECRET_BITS, new SecureRandom()).toString(16));
        try (RendezvousServer server = launch.nodeRank() == 0
                ? RendezvousServer.open(launch.host(), launch.port(), Optional.of(secret), notices)
                : null) {
            int port = server == null ? launch.port() : server.port();
            Duration patience = launch.nodes() == 1 ? launch.timeout() : MACHINES_COME_WITHIN;
            try (RendezvousClient client = RendezvousClient.connect(
                            launch.host(), port, Optional.of(secret), patience, launch.timeout());
                    Heartbeat heartbeat = meet(client, port, secret, patience)) {
                return attempts(client, heartbeat, server, port, secret);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the workers ran", e);
        }
    }

    private Heartbeat meet(RendezvousClient client, int port, String secret, Duration patience) {
        if (launch.nodes() > 1) {
            notices.accept("waiting for " + launch.nodes() + " machines at " + launch.host() + ":" + port);
        }
        client.put(
                "workers-of-" + launch.nodeRank(),
                String.valueOf(launch.workers()).getBytes(StandardCharsets.UTF_8));
        Map<String, String> facts = Map.of(
                "--max-restarts",
                String.valueOf(launch.maxRestarts()),
                "--timeout",
                launch.timeout().toMillis() + " ms");
        client.join("machines", launch.nodeRank(), launch.nodes(), facts, launch.timeout(), patience);
        RendezvousClient own =
                RendezvousClient.connect(launch.host(), port, Optional.of(secret), launch.timeout(), launch.timeout());
        return Heartbeat.start(own, "machines", launch.nodeRank(), launch.timeout());
    }

    private int attempts(
            RendezvousClient client, Heartbeat heartbeat, @Nullable RendezvousServer server, int port, String secret)
            throws InterruptedException {
        int first = 0;
        int all = 0;
        for (int node = 0; node < launch.nodes(); node++) {
            first = node == launch.nodeRank() ? all : first;
            all += workersOf(client, node);
        }
        for (int number = 0; ; number++) {
            Attempt attempt = new Attempt(launch, number, client, heartbeat, server, () -> stopWanted);
            Optional<Failure> failure = attempt.run(first, all, port, secret, notices);
            if (failure.isEmpty() || failure.get().kind() == Failure.Kind.STOP) {
                leave(client, WORKERS_END_WITHIN);
                return failure.isEmpty() ? 0 : STOPPED;
            }
            String text = failure.get().text();
            if (failure.get().kind() == Failure.Kind.FAULT) {
                leave(client, launch.timeout());
                throw new LaunchException(text);
            }
            if (number == launch.maxRestarts()) {
                leave(client, launch.timeout());
                throw new LaunchException(text + "\nThat was attempt " + (number + 1) + ", and --max-restarts allows "
                        + launch.maxRestarts() + " restarts");
            }
            notices.accept(text);
            notices.accept("restarting from the last checkpoint (" + (number + 1) + " of at most "
                    + launch.maxRestarts() + " restarts)");
            awaitEnd(number, client, heartbeat);
        }
    }

    private void leave(RendezvousClient client, Duration wait) {
        try {
            client.leave("machines", launch.nodeRank(), wait);
        } catch (GroupException e) {
            // The machine with the rendezvous was quicker to end, and nothing more is to be said.
        }
    }

    /** Nothing starts before everything of the last attempt has ended on all machines. */
    private void awaitEnd(int number, RendezvousClient client, Heartbeat heartbeat) {
        Duration wait = launch.timeout().plus(ENDING);
        try {
            client.join("ended-" + number, launch.nodeRank(), launch.nodes(), Map.of(), launch.timeout(), wait);
        } catch (GroupException e) {
            if (heartbeat.losses().isEmpty()) {
                throw e;
            }
            throw new LaunchException(Attempt.lostMachine(heartbeat, launch));
        }
    }

    private static int workersOf(RendezvousClient client, int node) {
        return client.get("workers-of-" + node, Duration.ZERO)
                .map(text -> Integer.parseInt(new String(text, StandardCharsets.UTF_8)))
                .orElseThrow(() -> new GroupException("machine " + node + " did not tell its number of workers"));
    }
}
