package dev.marquee.collective;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Where the members of a group meet, and which of them this process is. The environment says so in the words of PyTorch's
 * torchrun, so that what starts its processes can start these: {@code MASTER_ADDR}, {@code MASTER_PORT}, {@code RANK},
 * {@code WORLD_SIZE} and {@code LOCAL_RANK}.
 *
 * @param host the name or address of the rendezvous ({@code MASTER_ADDR})
 * @param port its port; 0, where rank 0 is to choose one, goes with a port file only ({@code MASTER_PORT})
 * @param rank which member this process is, from 0 ({@code RANK})
 * @param size how many there are ({@code WORLD_SIZE})
 * @param localRank which of those on this machine it is, from 0 ({@code LOCAL_RANK})
 * @param hosted whether something else runs the rendezvous, as the launcher does; else rank 0 does
 *     ({@code MARQUEE_HOSTED=1})
 * @param attempt counts restarts, so that nothing of an earlier attempt is met ({@code MARQUEE_ATTEMPT})
 * @param secret what only members know ({@code MARQUEE_SECRET})
 * @param timeout how long a member may be silent or missing until it counts as lost ({@code MARQUEE_TIMEOUT}, 30 s)
 * @param patience how long to wait in an exchange for a member that is alive ({@code MARQUEE_PATIENCE}, 30 m)
 * @param network the interface, or address, for exchanges ({@code MARQUEE_INTERFACE}); else the one that leads to the
 *     rendezvous
 * @param portFile where rank 0 writes the port that it got, and the others read it ({@code MARQUEE_PORT_FILE})
 */
public record Rendezvous(
        String host,
        int port,
        int rank,
        int size,
        int localRank,
        boolean hosted,
        int attempt,
        Optional<String> secret,
        Duration timeout,
        Duration patience,
        Optional<String> network,
        Optional<Path> portFile) {
    /** How long a member may be silent unless told otherwise. */
    public static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** How long a member that is alive may keep the others waiting unless told otherwise. */
    public static final Duration PATIENCE = Duration.ofMinutes(30);

    private static final int LARGEST_PORT = 65_535;

    /** Checks the numbers. */
    public Rendezvous {
        if (size < 1 || rank < 0 || rank >= size) {
            throw new IllegalArgumentException(
                    "RANK must be 0 to WORLD_SIZE - 1; it is " + rank + ", and WORLD_SIZE is " + size);
        }
        if (port < 0 || port > LARGEST_PORT) {
            throw new IllegalArgumentException("MASTER_PORT must be 1 to 65535, not " + port);
        }
        if (port == 0 && (hosted || portFile.isEmpty()) && size > 1) {
            throw new IllegalArgumentException("MASTER_PORT is 0: the others cannot know what rank 0 chooses unless"
                    + " MARQUEE_PORT_FILE names a file for it");
        }
    }

    /**
     * What the environment says.
     *
     * @param environment {@link System#getenv()}
     * @return where to meet; empty when the environment names no group
     * @throws IllegalArgumentException when a value is missing or is none
     */
    public static Optional<Rendezvous> from(Map<String, String> environment) {
        if (!environment.containsKey("RANK") || !environment.containsKey("WORLD_SIZE")) {
            return Optional.empty();
        }
        int size = number(environment, "WORLD_SIZE", null);
        Optional<String> portFile = text(environment, "MARQUEE_PORT_FILE");
        return Optional.of(new Rendezvous(
                text(environment, "MASTER_ADDR").orElse("127.0.0.1"),
                number(environment, "MASTER_PORT", portFile.isPresent() || size == 1 ? "0" : null),
                number(environment, "RANK", null),
                size,
                number(environment, "LOCAL_RANK", "0"),
                text(environment, "MARQUEE_HOSTED").isPresent(),
                number(environment, "MARQUEE_ATTEMPT", "0"),
                text(environment, "MARQUEE_SECRET"),
                text(environment, "MARQUEE_TIMEOUT").map(Spans::parse).orElse(TIMEOUT),
                text(environment, "MARQUEE_PATIENCE").map(Spans::parse).orElse(PATIENCE),
                text(environment, "MARQUEE_INTERFACE"),
                portFile.map(Path::of)));
    }

    /** The group's name at the rendezvous, new for every attempt. */
    String group() {
        return group(attempt);
    }

    /**
     * The name of the group of workers in an attempt.
     *
     * @param attempt counts restarts
     * @return its name at the rendezvous
     */
    public static String group(int attempt) {
        return "workers-" + attempt;
    }

    private static Optional<String> text(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(text -> !text.isEmpty());
    }

    private static int number(
            Map<String, String> environment, String name, @org.jspecify.annotations.Nullable String absent) {
        String text = text(environment, name).orElse(absent == null ? "" : absent);
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "the environment variable " + name + " must be a number, "
                            + (text.isEmpty() ? "and is missing" : "not \"" + text + "\""),
                    e);
        }
    }
}
