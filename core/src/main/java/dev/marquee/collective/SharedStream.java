package dev.marquee.collective;

import dev.marquee.tensor.Tensors;
import java.nio.LongBuffer;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One exchange in which every member has bytes for others, of any number: first how many for each, with as many of them as
 * one message holds; then the rest in as many messages as the longest takes.
 */
final class SharedStream {
    private final SharedMessages messages;
    private final Presence presence;
    private final String what;
    private final Rows rows;
    private final List<Tensor> sources;
    private final long total;
    private final @Nullable Part[] parts;
    private long longest;
    private int open;

    /**
     * What this member gets of another's bytes.
     *
     * @param from the first one
     * @param target {@code uint8 [count]}, as many as it gets
     */
    record Part(long from, Tensor target) {}

    /** Decides what this member gets. */
    @FunctionalInterface
    interface Choice {
        /**
         * Makes room.
         *
         * @param rank whose bytes
         * @param lengths how many bytes that member has for each
         * @return null where this member gets nothing
         */
        @Nullable
        Part of(int rank, long[] lengths);
    }

    /** Of a member's bytes, in the open scope: {@code uint8}, one after the other. */
    SharedStream(SharedMessages messages, Presence presence, String what, Rows rows, List<Tensor> sources) {
        this.messages = messages;
        this.presence = presence;
        this.what = what;
        this.rows = rows;
        this.sources = sources;
        this.total = sources.stream().mapToLong(Tensor::numel).sum();
        this.parts = new @Nullable Part[presence.size()];
    }

    /**
     * Exchanges. What the choice makes is made in the open scope.
     *
     * @param kind a number for what is exchanged, the same for all
     * @param lengths how many bytes are for each member
     */
    void run(long kind, long[] lengths, Choice choice) {
        long exchange = presence.begin(what);
        long header = header();
        long most = SharedMessages.LONGEST - header;
        long first = Math.min(total, most);
        long number = messages.reserve(header + first, kind, what, exchange);
        Tensor mine = messages.mine(number);
        LongBuffer numbers = longs(mine);
        numbers.put(0, total);
        for (int rank = 0; rank < lengths.length; rank++) {
            numbers.put(rank + 1, lengths[rank]);
        }
        write(mine.narrow(0, header, first), 0);
        send(number, () -> first(number, choice));
        messages.await(() -> open == 0, what, exchange);
        for (long from = most; from < longest; from += SharedMessages.LONGEST) {
            long at = from;
            long count = Math.max(0, Math.min(SharedMessages.LONGEST, total - from));
            long next = messages.reserve(count, kind, what, exchange);
            write(messages.mine(next), at);
            send(next, () -> take(next, at));
        }
        messages.await(() -> open == 0, what, exchange);
    }

    private void send(long number, Runnable taking) {
        messages.publish(number);
        open++;
        messages.expect(number, () -> {
            taking.run();
            open--;
        });
    }

    private void first(long number, Choice choice) {
        List<Integer> differing = messages.differing(number, /* lengthsToo= */ false);
        if (!differing.isEmpty()) {
            throw presence.fail(new GroupException("all members must " + what + " rows of one kind: rank "
                    + presence.rank() + " has " + rows + ", " + Facts.ranks(differing) + " another kind"));
        }
        for (int rank = 0; rank < parts.length; rank++) {
            Tensor message = messages.of(rank, number);
            LongBuffer numbers = longs(message);
            longest = Math.max(longest, numbers.get(0));
            long[] lengths = LongStream.range(0, parts.length)
                    .map(to -> numbers.get((int) to + 1))
                    .toArray();
            parts[rank] = choice.of(rank, lengths);
            copy(rank, message.narrow(0, header(), message.numel() - header()), 0);
        }
    }

    private void take(long number, long at) {
        for (int rank = 0; rank < parts.length; rank++) {
            copy(rank, messages.of(rank, number), at);
        }
    }

    /** Copies what a member's message, which begins there among all its bytes, has for this member. */
    private void copy(int rank, Tensor message, long at) {
        Part part = parts[rank];
        if (part == null) {
            return;
        }
        long from = Math.max(at, part.from());
        long end = Math.min(at + message.numel(), part.from() + part.target().numel());
        if (from < end) {
            part.target().narrow(0, from - part.from(), end - from).copy_(message.narrow(0, from - at, end - from));
        }
    }

    /** Writes this member's bytes from there on. */
    private void write(Tensor target, long at) {
        long end = at + target.numel();
        long begin = 0;
        for (Tensor source : sources) {
            long from = Math.max(at, begin);
            long to = Math.min(end, begin + source.numel());
            if (from < to) {
                target.narrow(0, from - at, to - from).copy_(source.narrow(0, from - begin, to - from));
            }
            begin += source.numel();
        }
    }

    private LongBuffer longs(Tensor message) {
        return Tensors.bytes(message.narrow(0, 0, header())).asLongBuffer();
    }

    /** The number of all bytes, and of those for each. */
    private long header() {
        long bytes = (parts.length + 1L) * Long.BYTES;
        return (bytes + SharedRegion.LINE - 1) / SharedRegion.LINE * SharedRegion.LINE;
    }
}
