package dev.marquee.collective;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Tells the rendezvous every second, on a connection and a thread of its own, that this member is alive, and who is not. */
public final class Heartbeat implements AutoCloseable {
    private static final long LONGEST_PAUSE_MILLIS = 1000;
    private static final int BEATS_A_TIMEOUT = 6;

    private final RendezvousClient client;
    private final String group;
    private final int rank;
    private final long pauseMillis;
    private final AtomicLong exchange = new AtomicLong();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile List<Loss> losses = List.of();
    private volatile @Nullable String silentHost;

    private Heartbeat(RendezvousClient client, String group, int rank, Duration silence) {
        this.client = client;
        this.group = group;
        this.rank = rank;
        this.pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, Math.max(1, silence.toMillis() / BEATS_A_TIMEOUT));
        this.thread = new Thread(this::beat, "marquee-heartbeat");
        thread.setDaemon(true);
    }

    /**
     * Starts to beat.
     *
     * @param client a connection for nothing else; closed by {@link #close}
     * @param group whose member beats
     * @param rank which member
     * @param silence how long a member of the group may be silent
     * @return the heartbeat; close it
     */
    public static Heartbeat start(RendezvousClient client, String group, int rank, Duration silence) {
        Heartbeat heartbeat = new Heartbeat(client, group, rank, silence);
        heartbeat.thread.start();
        return heartbeat;
    }

    /**
     * Who is lost.
     *
     * @return the first one first
     */
    public List<Loss> losses() {
        return losses;
    }

    /**
     * Why the rendezvous itself is lost.
     *
     * @return what was seen; empty while it answers
     */
    public Optional<String> silentHost() {
        return Optional.ofNullable(silentHost);
    }

    /** Notes that an exchange begins; gives its number. */
    long exchangeBegins() {
        return exchange.incrementAndGet();
    }

    /** Stops beating. */
    @Override
    public void close() {
        closed.countDown();
        client.close();
    }

    private void beat() {
        try {
            do {
                losses = client.beat(group, rank, exchange.get());
            } while (!closed.await(pauseMillis, TimeUnit.MILLISECONDS));
        } catch (IOException e) {
            if (closed.getCount() > 0) {
                silentHost = RendezvousClient.reason(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
