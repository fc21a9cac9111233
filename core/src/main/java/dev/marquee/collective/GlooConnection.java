package dev.marquee.collective;

import dev.marquee.tensor.Engine;
import dev.marquee.tensor.NativeOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.StringVector;

/**
 * Connects the engine's process group. Gloo asks a store of the engine for the others' addresses. The engine's TCP store
 * listens on all networks and serves everybody, so each process gives Gloo a store of its own, a file that nobody else
 * sees, and copies what is in it from and to the rendezvous.
 */
final class GlooConnection {
    private static final long LOOK_MILLIS = 100;

    private final ProcessGroupGloo group;
    private final FileStore store;

    private GlooConnection(ProcessGroupGloo group, FileStore store) {
        this.group = group;
        this.store = store;
    }

    /** Connects with all others, which all must be in the same call; gives up when one is lost. */
    static GlooConnection open(Rendezvous rendezvous, RendezvousClient client, Heartbeat heartbeat) {
        Engine.load();
        InetAddress address = address(rendezvous, client);
        Path folder = temporary();
        CompletableFuture<GlooConnection> made = new CompletableFuture<>();
        // On a thread without a scope, so that it outlives all of them, and can be left behind when a member is lost.
        daemon(() -> {
            try {
                made.complete(NativeOutput.muted(() -> connect(rendezvous, client, address, folder, made)));
            } catch (RuntimeException e) {
                made.completeExceptionally(e);
            }
        });
        try {
            return await(made, rendezvous, heartbeat);
        } finally {
            delete(folder);
        }
    }

    ProcessGroupGloo group() {
        return group;
    }

    /** Ends all connections; only when nothing is under way. */
    void close() {
        group.close();
        store.close();
    }

    private static GlooConnection connect(
            Rendezvous rendezvous,
            RendezvousClient client,
            InetAddress address,
            Path folder,
            CompletableFuture<GlooConnection> made) {
        FileStore store = new FileStore(folder.resolve("store").toString(), 1);
        Milliseconds patience = new Milliseconds(rendezvous.patience().toMillis());
        store.setTimeout(patience);
        daemon(() -> {
            try {
                copyAddresses(rendezvous, client, store);
            } catch (RuntimeException e) {
                made.completeExceptionally(e);
            }
        });
        ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create(patience);
        options.devices().push_back(ProcessGroupGloo.createDeviceForHostname(address.getHostAddress()));
        return new GlooConnection(new ProcessGroupGloo(store, rendezvous.rank(), rendezvous.size(), options), store);
    }

    /** Gloo writes the addresses of rank 1 under "0/1", and waits for those of the others under such names. */
    private static void copyAddresses(Rendezvous rendezvous, RendezvousClient client, FileStore store) {
        Duration wait = rendezvous.timeout();
        String mine = "0/" + rendezvous.rank();
        store._wait(new StringVector(mine), new Milliseconds(wait.toMillis()));
        String prefix = "gloo-" + rendezvous.group() + "/";
        client.put(prefix + mine, store.get(mine).get());
        for (int rank = 0; rank < rendezvous.size(); rank++) {
            if (rank != rendezvous.rank()) {
                String key = "0/" + rank;
                int other = rank;
                byte[] value = client.get(prefix + key, wait)
                        .orElseThrow(() -> new GroupException("rank " + other + " of " + rendezvous.size()
                                + " did not tell its address within " + Spans.text(wait)));
                store.set(key, new ByteVector(value));
            }
        }
    }

    private static GlooConnection await(
            CompletableFuture<GlooConnection> made, Rendezvous rendezvous, Heartbeat heartbeat) {
        long end = System.nanoTime() + 2 * rendezvous.timeout().toNanos();
        while (true) {
            try {
                return made.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                Losses.check(heartbeat, rendezvous, "while the members connected");
                if (System.nanoTime() > end) {
                    throw new GroupException(
                            "the members could not connect with each other within "
                                    + Spans.text(rendezvous.timeout().multipliedBy(2))
                                    + ": every machine must reach every other one at any port",
                            e);
                }
            } catch (ExecutionException e) {
                Losses.checkSoon(heartbeat, rendezvous, "while the members connected");
                if (e.getCause() instanceof GroupException g) {
                    throw g;
                }
                throw new GroupException("the members could not connect with each other: " + Losses.firstLine(e), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new GroupException("interrupted while connecting", e);
            }
        }
    }

    private static InetAddress address(Rendezvous rendezvous, RendezvousClient client) {
        if (rendezvous.network().isEmpty()) {
            return client.localAddress();
        }
        try {
            return Addresses.of(rendezvous.network().get());
        } catch (IOException e) {
            throw new IllegalArgumentException("MARQUEE_INTERFACE: " + e.getMessage(), e);
        }
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("marquee-gloo-");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a temporary folder: " + e.getMessage(), e);
        }
    }

    private static void delete(Path folder) {
        for (Path path : Arrays.asList(folder.resolve("store"), folder)) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                // A few bytes stay behind in the folder for temporary files.
            }
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "marquee-connect");
        thread.setDaemon(true);
        thread.start();
    }
}
