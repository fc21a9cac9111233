package dev.marquee.collective;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One group as the rendezvous knows it. Guarded by the board that it stands on. */
final class Members {
    private final int size;
    private final long silenceNanos;
    private final @Nullable Member[] members;
    private final List<Loss> losses = new ArrayList<>();
    private @Nullable String broken;

    Members(int size, long silenceMillis) {
        this.size = size;
        this.silenceNanos = silenceMillis * 1_000_000;
        this.members = new Member[size];
    }

    /** Takes a member in, or breaks the group. */
    void join(int rank, int worldSize, Map<String, String> facts, long now) {
        if (worldSize != size) {
            broken = "rank " + rank + " was started with a world size of " + worldSize + ", another with " + size;
        } else if (rank < 0 || rank >= size) {
            broken = "rank " + rank + " is none of 0 to " + (size - 1);
        } else if (members[rank] != null) {
            broken = "rank " + rank + " came twice: two processes were started with the same RANK";
        } else {
            members[rank] = new Member(facts, now);
            if (complete()) {
                List<Map<String, String>> all = new ArrayList<>();
                for (Member member : members) {
                    if (member != null) {
                        member.lastBeat = now;
                        all.add(member.facts);
                    }
                }
                broken = Facts.difference(all)
                        .map(difference -> "they differ:" + difference)
                        .orElse(null);
            }
        }
    }

    boolean complete() {
        return missing().isEmpty();
    }

    List<Integer> missing() {
        return IntStream.range(0, size)
                .filter(rank -> members[rank] == null)
                .boxed()
                .toList();
    }

    Optional<String> broken() {
        return Optional.ofNullable(broken);
    }

    void breakUp(String why) {
        if (broken == null) {
            broken = why;
        }
    }

    void beat(int rank, long exchange, long now) {
        Member member = member(rank);
        if (member != null) {
            member.lastBeat = now;
            member.exchange = exchange;
        }
    }

    void leave(int rank) {
        Member member = member(rank);
        if (member != null) {
            member.gone = true;
        }
    }

    /** Its connection has ended. */
    void disconnected(int rank) {
        Member member = member(rank);
        if (member != null && !member.gone) {
            lose(rank, member, "its process ended");
        }
    }

    boolean allGone() {
        for (Member member : members) {
            if (member != null && !member.gone) {
                return false;
            }
        }
        return true;
    }

    /** The lost members, the first one first. */
    List<Loss> losses(long now) {
        for (int rank = 0; rank < size; rank++) {
            Member member = members[rank];
            if (complete() && member != null && !member.gone && now - member.lastBeat > silenceNanos) {
                lose(rank, member, "it has been silent for more than " + Spans.text(silenceNanos / 1_000_000));
            }
        }
        return List.copyOf(losses);
    }

    /** How many exchanges each member has begun; -1 for one that has left. */
    long[] exchanges() {
        long[] exchanges = new long[size];
        for (int rank = 0; rank < size; rank++) {
            Member member = members[rank];
            exchanges[rank] = member == null || member.gone ? -1 : member.exchange;
        }
        return exchanges;
    }

    private void lose(int rank, Member member, String how) {
        member.gone = true;
        losses.add(new Loss(rank, how));
    }

    private @Nullable Member member(int rank) {
        return rank >= 0 && rank < size ? members[rank] : null;
    }

    private static final class Member {
        private final Map<String, String> facts;
        private long lastBeat;
        private long exchange;
        private boolean gone;

        Member(Map<String, String> facts, long now) {
            this.facts = facts;
            this.lastBeat = now;
        }
    }
}
