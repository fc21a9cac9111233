package dev.marquee.collective;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Where the members of a group meet: knows who is there, keeps small values, and notices who is lost. It runs in the
 * launcher, or else in rank 0, and knows nothing of the native engine. Only who knows the secret is served; what is said
 * then is not encrypted.
 */
public final class RendezvousServer implements AutoCloseable {
    private static final long LOOK_MILLIS = 10;

    private final ServerSocket socket;
    private final Handshake handshake;
    private final Consumer<String> warnings;
    private final Board board = new Board();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

    private RendezvousServer(ServerSocket socket, Handshake handshake, Consumer<String> warnings) {
        this.socket = socket;
        this.handshake = handshake;
        this.warnings = warnings;
    }

    /**
     * Opens a rendezvous. The port is bound here once and for all: with port 0 the system chooses one that is free, which
     * {@link #port} tells.
     *
     * @param host the name or address to listen on; a name that leads elsewhere, as that of a service in front of this
     *     machine does, listens on all addresses
     * @param port the port, or 0
     * @param secret what who comes must know; may be absent on a loopback address only
     * @param warnings told about who was refused
     * @return the open rendezvous; close it
     * @throws IllegalArgumentException when other machines could come and there is no secret
     * @throws UncheckedIOException when the address cannot be bound
     */
    public static RendezvousServer open(String host, int port, Optional<String> secret, Consumer<String> warnings) {
        ServerSocket socket = null;
        try {
            InetAddress address = Addresses.toListenOn(host);
            if (!address.isLoopbackAddress() && secret.isEmpty()) {
                throw new IllegalArgumentException("other machines can reach the rendezvous at " + host
                        + ", so it needs a secret: set MARQUEE_SECRET to the same random text on all of them");
            }
            socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, port), 1024);
        } catch (IOException e) {
            Addresses.close(socket);
            throw new UncheckedIOException(
                    "cannot listen on " + host + ":" + port + " for the rendezvous: " + e.getMessage(), e);
        }
        RendezvousServer server = new RendezvousServer(socket, new Handshake(secret), warnings);
        daemon(server::accept, "marquee-rendezvous");
        return server;
    }

    /**
     * The port that was bound.
     *
     * @return 1 to 65535
     */
    public int port() {
        return socket.getLocalPort();
    }

    /**
     * The lost members of a group.
     *
     * @param group its name
     * @return the first one first; empty also when there is no such group yet
     */
    public List<Loss> losses(String group) {
        return board.losses(group);
    }

    /** Lets those who are here go by themselves, for some time. */
    void drain(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (!connections.isEmpty() && System.nanoTime() < end) {
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Ends all connections. */
    @Override
    public void close() {
        Addresses.close(socket);
        connections.forEach(Addresses::close);
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                connections.add(connection);
                daemon(() -> serve(connection), "marquee-rendezvous-" + connection.getPort());
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    warnings.accept("the rendezvous could not take a connection: " + e.getMessage());
                }
            }
        }
    }

    private void serve(Socket connection) {
        Session session = new Session(connection, board);
        try {
            if (session.open(handshake)) {
                session.serve();
            } else {
                warnings.accept(
                        "refused a process at " + connection.getInetAddress().getHostAddress()
                                + ": it does not know the secret of this rendezvous");
            }
        } catch (IOException e) {
            // The other end is gone, which is for its group to notice.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Addresses.close(connection);
            connections.remove(connection);
            session.ended();
        }
    }

    private static void daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
