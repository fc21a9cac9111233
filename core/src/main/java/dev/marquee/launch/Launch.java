package dev.marquee.launch;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to start.
 *
 * @param command the command of every worker, with its arguments
 * @param environment set for every worker besides what the launcher sets
 * @param workers how many on this machine
 * @param threads how many threads each may use
 * @param nodes how many machines take part
 * @param nodeRank which of them this is, from 0; on that of 0 the rendezvous runs
 * @param host the name or address of the rendezvous
 * @param port its port; 0, to take a free one, with one machine only
 * @param secret what only these processes know; made up where it is absent and there is one machine
 * @param timeout how long a worker or a machine may be silent
 * @param maxRestarts how often to start the workers again after a loss
 * @param logs a folder for what workers other than rank 0 print
 */
public record Launch(
        List<String> command,
        Map<String, String> environment,
        int workers,
        int threads,
        int nodes,
        int nodeRank,
        String host,
        int port,
        Optional<String> secret,
        Duration timeout,
        int maxRestarts,
        Path logs) {
    /** Checks the numbers. */
    public Launch {
        if (workers < 1 || threads < 1 || nodes < 1) {
            throw new IllegalArgumentException("workers, threads and nodes must be at least 1; they are " + workers
                    + ", " + threads + " and " + nodes);
        }
        if (nodeRank < 0 || nodeRank >= nodes) {
            throw new IllegalArgumentException(
                    "the rank of this machine must be 0 to " + (nodes - 1) + ", not " + nodeRank);
        }
        if (maxRestarts < 0) {
            throw new IllegalArgumentException("restarts must be 0 or more, not " + maxRestarts);
        }
        if (nodes > 1 && port == 0) {
            throw new IllegalArgumentException(
                    "with several machines all must know the port of the rendezvous, such as HOST:29400");
        }
        if (nodes > 1 && secret.isEmpty()) {
            throw new IllegalArgumentException("with several machines the rendezvous needs a secret: set MARQUEE_SECRET"
                    + " to the same random text on all of them, such as that of: openssl rand -hex 16");
        }
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }
}
