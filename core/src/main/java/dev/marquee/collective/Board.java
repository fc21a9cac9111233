package dev.marquee.collective;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the rendezvous knows: named values, and groups with their members. Serves all connections at once. */
final class Board {
    private final Map<String, byte[]> values = new HashMap<>();
    private final Map<String, Members> groups = new HashMap<>();

    synchronized void put(String key, byte[] value) {
        values.put(key, value);
        notifyAll();
    }

    /** Puts a value where there is none, and gives the one that is there then. */
    synchronized byte[] putIfAbsent(String key, byte[] value) {
        byte[] before = values.putIfAbsent(key, value);
        notifyAll();
        return before == null ? value : before;
    }

    /** Waits for a value. */
    synchronized byte @Nullable [] get(String key, long waitMillis) throws InterruptedException {
        long end = System.nanoTime() + waitMillis * 1_000_000;
        while (!values.containsKey(key)) {
            long left = left(end);
            if (left <= 0) {
                return null;
            }
            wait(left);
        }
        return values.get(key);
    }

    /**
     * Takes a member in and waits for the others.
     *
     * @return why the group cannot be; null when it is complete
     */
    synchronized @Nullable String join(
            String group, int rank, int size, long silenceMillis, Map<String, String> facts, long waitMillis)
            throws InterruptedException {
        Members members = groups.computeIfAbsent(group, key -> new Members(size, silenceMillis));
        members.join(rank, size, facts, System.nanoTime());
        notifyAll();
        long end = System.nanoTime() + waitMillis * 1_000_000;
        while (!members.complete() && members.broken().isEmpty()) {
            long left = left(end);
            if (left <= 0) {
                members.breakUp(Facts.ranks(members.missing()) + " of " + size + " did not come within "
                        + Spans.text(waitMillis));
                notifyAll();
            } else {
                wait(left);
            }
        }
        return members.broken().orElse(null);
    }

    synchronized List<Loss> beat(String group, int rank, long exchange) {
        Members members = groups.get(group);
        if (members == null) {
            return List.of();
        }
        long now = System.nanoTime();
        List<Loss> losses = members.losses(now); // before the beat: who was silent for too long is lost for good
        members.beat(rank, exchange, now);
        return losses;
    }

    synchronized List<Loss> losses(String group) {
        return Optional.ofNullable(groups.get(group))
                .map(members -> members.losses(System.nanoTime()))
                .orElse(List.of());
    }

    synchronized long[] exchanges(String group) {
        Members members = groups.get(group);
        return members == null ? new long[0] : members.exchanges();
    }

    /** Notes that a member leaves, and waits a while for the others to do so too. */
    synchronized void leave(String group, int rank, long waitMillis) throws InterruptedException {
        Members members = groups.get(group);
        if (members == null) {
            return;
        }
        members.leave(rank);
        notifyAll();
        long end = System.nanoTime() + waitMillis * 1_000_000;
        while (!members.allGone()) {
            long left = left(end);
            if (left <= 0) {
                return;
            }
            wait(left);
        }
    }

    synchronized void disconnected(String group, int rank) {
        Members members = groups.get(group);
        if (members != null) {
            members.disconnected(rank);
            notifyAll();
        }
    }

    private static long left(long end) {
        return (end - System.nanoTime()) / 1_000_000;
    }
}
