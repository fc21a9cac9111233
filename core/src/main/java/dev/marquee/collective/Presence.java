package dev.marquee.collective;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A member's place in its group as the rendezvous sees it, whatever carries the exchanges: it numbers them, tells who is
 * lost, and leaves.
 */
final class Presence {
    private static final Duration LEAVING = Duration.ofSeconds(5);

    private final Rendezvous rendezvous;
    private final RendezvousClient client;
    private final Heartbeat heartbeat;
    private final @Nullable RendezvousServer server;
    private @Nullable GroupException broken;
    private boolean closed;

    Presence(Rendezvous rendezvous, RendezvousClient client, Heartbeat heartbeat, @Nullable RendezvousServer server) {
        this.rendezvous = rendezvous;
        this.client = client;
        this.heartbeat = heartbeat;
        this.server = server;
    }

    int rank() {
        return rendezvous.rank();
    }

    int size() {
        return rendezvous.size();
    }

    Duration patience() {
        return rendezvous.patience();
    }

    /**
     * An exchange begins.
     *
     * @return its number
     * @throws GroupException when a member is lost already
     */
    long begin(String what) {
        if (broken != null) {
            throw broken;
        }
        if (closed) {
            throw new IllegalStateException("the group is closed");
        }
        check("before a " + what);
        return heartbeat.exchangeBegins();
    }

    /** Throws when a member is lost; from then on the group is broken. */
    void check(String when) {
        try {
            Losses.check(heartbeat, rendezvous, when);
        } catch (GroupException e) {
            throw fail(e);
        }
    }

    /** Why an exchange has failed, for what is seen of it and what the rendezvous knows. */
    GroupException lost(String what, long number, RuntimeException e) {
        String when = in(what, number);
        try {
            Losses.checkSoon(heartbeat, rendezvous, when, e);
            String behind = Losses.behind(client, rendezvous, number);
            return fail(GroupException.loss(
                    "an exchange failed, " + when + ": " + (behind.isEmpty() ? Losses.firstLine(e) : behind), e));
        } catch (GroupException known) {
            return fail(known);
        }
    }

    /** Breaks the group. */
    GroupException fail(GroupException why) {
        broken = why;
        return why;
    }

    /**
     * Leaves the group: says so, unless something is amiss, and ends the connections to the rendezvous.
     *
     * @param idle whether no exchange is under way
     * @param release frees what carried the exchanges, where nothing is amiss
     */
    void close(boolean idle, Runnable release) {
        if (closed) {
            return;
        }
        closed = true;
        if (broken == null && idle) {
            try {
                client.leave(rendezvous.group(), rank(), LEAVING);
            } catch (GroupException e) {
                // The rendezvous has ended before this member, which needs it no more.
            }
            release.run();
        }
        ProcessGroup.close(heartbeat, client, server);
    }

    static String in(String what, long number) {
        return "in exchange " + number + " (" + what + ")";
    }
}
