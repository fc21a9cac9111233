package dev.marquee.collective;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts what is known about lost members into words. */
final class Losses {
    /** How long the rendezvous may take to notice what an exchange has noticed. */
    private static final long SOON_MILLIS = 3000;

    private static final long LOOK_MILLIS = 50;

    private Losses() {}

    /** Throws when a member is lost, or the rendezvous. */
    static void check(Heartbeat heartbeat, Rendezvous rendezvous, String when) {
        check(heartbeat, rendezvous, when, null);
    }

    /** The same, with a moment for the news to arrive. */
    static void checkSoon(Heartbeat heartbeat, Rendezvous rendezvous, String when) {
        checkSoon(heartbeat, rendezvous, when, null);
    }

    static void checkSoon(Heartbeat heartbeat, Rendezvous rendezvous, String when, @Nullable Throwable cause) {
        long end = System.nanoTime() + SOON_MILLIS * 1_000_000;
        do {
            check(heartbeat, rendezvous, when, cause);
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        } while (System.nanoTime() < end);
    }

    private static void check(Heartbeat heartbeat, Rendezvous rendezvous, String when, @Nullable Throwable cause) {
        List<Loss> losses = heartbeat.losses();
        if (!losses.isEmpty()) {
            Loss first = losses.get(0);
            throw GroupException.loss(
                    first.rank() == rendezvous.rank()
                            ? "rank " + first.rank() + ", this process, counts as lost for the others: " + first.how()
                            : "rank " + first.rank() + " of " + rendezvous.size() + " was lost " + when + ": "
                                    + first.how(),
                    cause);
        }
        if (heartbeat.silentHost().isPresent()) {
            throw GroupException.loss(
                    (rendezvous.hosted() ? "the launcher at " : "rank 0, which hosts the rendezvous at ")
                            + rendezvous.host() + ", was lost " + when + ": "
                            + heartbeat.silentHost().get(),
                    cause);
        }
    }

    /** Who has not begun an exchange that this member waits in, in words; empty when that is not known. */
    static String behind(RendezvousClient client, Rendezvous rendezvous, long exchange) {
        long[] begun = client.exchanges(rendezvous.group());
        List<Integer> ranks = new ArrayList<>();
        for (int rank = 0; rank < begun.length; rank++) {
            if (begun[rank] < exchange && rank != rendezvous.rank()) {
                ranks.add(rank);
            }
        }
        return ranks.isEmpty() ? "" : Facts.ranks(ranks) + " did not come to it";
    }

    /** The engine's messages carry a C++ stack behind their first line. */
    static String firstLine(Throwable e) {
        String message = String.valueOf(e.getMessage());
        return message.lines().findFirst().orElse(message);
    }
}
