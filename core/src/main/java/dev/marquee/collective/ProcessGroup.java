package dev.marquee.collective;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Groups of processes, of one machine or several, that exchange by shared memory or by TCP (Gloo). */
public final class ProcessGroup {
    /** Others may still be reading why this group ends. */
    private static final Duration DRAINING = Duration.ofSeconds(2);

    private ProcessGroup() {}

    /**
     * Meets the other members, and connects with them. Returns when all are here and agree on the facts.
     *
     * <p>From then on a thread tells the rendezvous every second that this process is alive. A member that ends without
     * {@link Group#close}, or is silent for the time-out, is lost: whoever waits for it in an exchange, or begins one, gets
     * a {@link GroupException} that names it. What was lost stays lost; the group is of no use any more, and the process
     * should end, since native threads may go on waiting.
     *
     * @param rendezvous where to meet and which member this is
     * @param facts what all members must have in common, such as versions and fingerprints
     * @param warnings told about strangers at a rendezvous that this process hosts
     * @return the group; close it
     * @throws GroupException when a member is missing or came twice, when members differ, naming how, when the secret is
     *     another one, or nobody answers
     */
    public static Group join(Rendezvous rendezvous, Map<String, String> facts, Consumer<String> warnings) {
        return join(rendezvous, Transport.AUTO, facts, warnings);
    }

    /**
     * Meets the other members, as {@link #join(Rendezvous, Map, Consumer)} does, and exchanges by what is said here.
     *
     * @param rendezvous where to meet and which member this is
     * @param transport what carries exchanges, the same for all members
     * @param facts what all members must have in common, such as versions and fingerprints
     * @param warnings told about strangers at a rendezvous that this process hosts, and by rank 0 of memory that cannot be
     *     shared on one machine
     * @return the group; close it
     * @throws GroupException as there, and where memory is to be shared and cannot be
     */
    public static Group join(
            Rendezvous rendezvous, Transport transport, Map<String, String> facts, Consumer<String> warnings) {
        RendezvousServer server = null;
        RendezvousClient client = null;
        Heartbeat heartbeat = null;
        try {
            if (!rendezvous.hosted() && rendezvous.rank() == 0) {
                server = RendezvousServer.open(rendezvous.host(), rendezvous.port(), rendezvous.secret(), warnings);
                int port = server.port();
                rendezvous.portFile().ifPresent(file -> publish(file, port));
            }
            int port = server != null ? server.port() : port(rendezvous);
            client = connect(rendezvous, port);
            client.join(
                    rendezvous.group(),
                    rendezvous.rank(),
                    rendezvous.size(),
                    facts,
                    rendezvous.timeout(),
                    rendezvous.timeout());
            heartbeat = Heartbeat.start(
                    connect(rendezvous, port), rendezvous.group(), rendezvous.rank(), rendezvous.timeout());
            Presence presence = new Presence(rendezvous, client, heartbeat, server);
            if (transport != Transport.GLOO) {
                SharedFile.Outcome outcome = SharedFile.share(rendezvous, client, heartbeat);
                if (outcome.why().isEmpty()) {
                    return new SharedGroup(presence, outcome.regions());
                }
                if (transport == Transport.AUTO && outcome.oneMachine() && rendezvous.rank() == 0) {
                    warnings.accept("the processes of this machine exchange by TCP: " + outcome.why());
                }
                if (transport == Transport.SHARED_MEMORY) {
                    throw new GroupException("the processes cannot share memory: " + outcome.why()
                            + "; set distributed.transport to auto or gloo");
                }
            }
            return new GlooGroup(presence, GlooConnection.open(rendezvous, client, heartbeat));
        } catch (RuntimeException e) {
            close(heartbeat, client, server);
            throw e;
        }
    }

    static void close(
            @Nullable Heartbeat heartbeat, @Nullable RendezvousClient client, @Nullable RendezvousServer server) {
        if (heartbeat != null) {
            heartbeat.close();
        }
        if (client != null) {
            client.close();
        }
        if (server != null) {
            server.drain(DRAINING);
            server.close();
        }
    }

    private static RendezvousClient connect(Rendezvous rendezvous, int port) {
        return RendezvousClient.connect(
                rendezvous.host(), port, rendezvous.secret(), rendezvous.timeout(), rendezvous.timeout());
    }

    private static void publish(Path file, int port) {
        try {
            Path whole = file.resolveSibling(file.getFileName() + ".tmp");
            Files.writeString(whole, Integer.toString(port));
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the port to " + file, e);
        }
    }

    private static int port(Rendezvous rendezvous) {
        if (rendezvous.port() != 0) {
            return rendezvous.port();
        }
        Path file = rendezvous.portFile().orElseThrow();
        Duration timeout = rendezvous.timeout();
        long end = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() < end) {
            Optional<String> text = read(file);
            if (text.isPresent()) {
                return Integer.parseInt(text.get().strip());
            }
            pause();
        }
        throw new GroupException("rank 0 wrote no port to " + file + " within " + Spans.text(timeout));
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the port in " + file, e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GroupException("interrupted while waiting for rank 0", e);
        }
    }
}
