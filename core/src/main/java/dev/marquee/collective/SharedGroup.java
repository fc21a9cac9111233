package dev.marquee.collective;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Kept;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Processes of one machine that exchange through memory which all have mapped, and watch each other by the rendezvous. Each
 * writes into memory of its own what all others read. Sums are of the members' values in the order of the ranks: of two
 * members each adds up all, of more each a part for all.
 */
final class SharedGroup implements Group {
    private static final int SUM = 1;
    private static final int PART_OF_SUM = 2;
    private static final int BARRIER = 3;
    private static final int BROADCAST = 4;
    private static final int GATHER = 5;
    private static final int EXCHANGE = 6;
    private static final int KIND_BITS = 8;

    /** Below, each member adds up all: waiting twice takes longer. */
    private static final long WORTH_SHARING = 1 << 15;

    private final Presence presence;
    private final SharedMessages messages;

    SharedGroup(Presence presence, List<SharedRegion> regions) {
        this.presence = presence;
        this.messages = new SharedMessages(presence, regions);
    }

    @Override
    public int rank() {
        return presence.rank();
    }

    @Override
    public int size() {
        return presence.size();
    }

    @Override
    public Exchange startSum(Tensor values) {
        DType type = DType.of(values);
        if (type != DType.FLOAT32 && type != DType.FLOAT64 && type != DType.INT64) {
            throw new IllegalArgumentException(
                    "sums are of FLOAT32, FLOAT64 or INT64, not of " + Tensors.describe(values));
        }
        if (values.numel() == 0) {
            return () -> {};
        }
        long number = presence.begin("sum");
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            boolean plain = values.is_contiguous();
            Tensor summed = plain ? values.detach() : values.detach().contiguous();
            Sum sum = new Sum(number, Kept.of(summed.view(-1)), type);
            sum.start();
            if (plain) {
                return sum;
            }
            Kept<Tensor> kept = Kept.of(summed);
            return () -> {
                try (kept;
                        Scope copying = Scope.open();
                        Gradients.Guard still = Gradients.off()) {
                    sum.await();
                    values.detach().copy_(kept.get());
                }
            };
        }
    }

    @Override
    public void broadcast(Tensor values, int root) {
        if (root < 0 || root >= size()) {
            throw new IllegalArgumentException("the root must be 0 to " + (size() - 1) + ", not " + root);
        }
        if (values.numel() == 0) {
            return;
        }
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Tensor plain = values.detach().contiguous();
            Tensor bytes = bytes(plain);
            run(
                    BROADCAST,
                    "broadcast",
                    Rows.like(plain.view(-1)),
                    rank() == root ? List.of(bytes) : List.of(),
                    toAll(rank() == root ? plain.nbytes() : 0),
                    (rank, lengths) -> rank == root && rank != rank() ? new SharedStream.Part(0, bytes) : null);
            if (!values.is_contiguous()) {
                values.detach().copy_(plain);
            }
        }
    }

    @Override
    public List<Tensor> gather(Tensor mine) {
        Scope scope = Scope.open();
        try (scope;
                Gradients.Guard off = Gradients.off()) {
            Rows rows = Rows.like(mine);
            Tensor plain = mine.detach().contiguous();
            Tensor[] received = new Tensor[size()];
            run(GATHER, "gather", rows, List.of(bytes(plain)), toAll(rows.bytes(mine)), (rank, lengths) -> {
                if (rank == rank()) {
                    received[rank] = plain.clone();
                    return null;
                }
                Tensor bytes = Tensors.empty(DType.UINT8, lengths[rank()]);
                received[rank] = rows.of(bytes);
                return new SharedStream.Part(0, bytes);
            });
            return promoted(scope, received);
        }
    }

    @Override
    public List<byte[]> gather(byte[] mine) {
        try (Scope scope = Scope.open()) {
            return gather(Tensors.of(mine)).stream().map(Tensors::toBytes).toList();
        }
    }

    @Override
    public List<Tensor> exchange(List<Tensor> parts) {
        if (parts.size() != size()) {
            throw new IllegalArgumentException(
                    "an exchange takes a tensor for each of " + size() + " members, not " + parts.size());
        }
        Scope scope = Scope.open();
        try (scope;
                Gradients.Guard off = Gradients.off()) {
            Rows rows = Rows.like(parts.get(0));
            long[] lengths = parts.stream().mapToLong(rows::bytes).toArray();
            List<Tensor> sources = new ArrayList<>();
            for (int rank = 0; rank < size(); rank++) {
                if (rank == rank()) {
                    lengths[rank] = 0; // what a member has for itself stays where it is
                } else {
                    sources.add(bytes(parts.get(rank).detach().contiguous()));
                }
            }
            Tensor[] received = new Tensor[size()];
            run(EXCHANGE, "exchange", rows, sources, lengths, (rank, theirs) -> {
                if (rank == rank()) {
                    received[rank] = parts.get(rank).detach().contiguous().clone();
                    return null;
                }
                Tensor bytes = Tensors.empty(DType.UINT8, theirs[rank()]);
                received[rank] = rows.of(bytes);
                return new SharedStream.Part(LongStream.of(theirs).limit(rank()).sum(), bytes);
            });
            return promoted(scope, received);
        }
    }

    @Override
    public void barrier() {
        long exchange = presence.begin("barrier");
        long number = messages.reserve(0, BARRIER, "barrier", exchange);
        boolean[] done = new boolean[1];
        messages.publish(number);
        messages.expect(number, () -> done[0] = true);
        messages.await(() -> done[0], "barrier", exchange);
    }

    @Override
    public void close() {
        presence.close(messages.isIdle(), messages::close);
    }

    private void run(
            int operation, String what, Rows rows, List<Tensor> sources, long[] lengths, SharedStream.Choice choice) {
        long kind = kind(operation, rows.type()) | (rows.rowBytes() << (2 * KIND_BITS));
        new SharedStream(messages, presence, what, rows, sources).run(kind, lengths, choice);
    }

    /** The lengths where all others get the same bytes. */
    private long[] toAll(long length) {
        long[] lengths = new long[size()];
        Arrays.fill(lengths, length);
        return lengths;
    }

    private static long kind(int operation, DType type) {
        return operation | ((long) type.scalarType().value << KIND_BITS);
    }

    private static List<Tensor> promoted(Scope scope, Tensor[] received) {
        List<Tensor> all = new ArrayList<>();
        for (Tensor one : received) {
            all.add(scope.promote(one));
        }
        return List.copyOf(all);
    }

    private static Tensor bytes(Tensor plain) {
        return plain.view(-1).view(torch.ScalarType.Byte);
    }

    /** A sum under way, in pieces that are messages. */
    private final class Sum implements Exchange {
        private final long exchange;
        private final Kept<Tensor> values;
        private final DType type;
        private final long size;
        private final boolean parts;
        private int open;

        /** Of these values, {@code [size]}, which become the sum. */
        Sum(long exchange, Kept<Tensor> values, DType type) {
            this.exchange = exchange;
            this.values = values;
            this.type = type;
            this.size = values.get().numel();
            this.parts = size() > 2 && size * type.bytes() >= WORTH_SHARING;
        }

        void start() {
            long most = SharedMessages.LONGEST / type.bytes();
            for (long from = 0; from < size; from += most) {
                open++;
                piece(from, Math.min(most, size - from));
            }
            messages.progress();
        }

        @Override
        public void await() {
            messages.await(() -> open == 0, "sum", exchange);
            values.close();
        }

        @Override
        public boolean complete() {
            messages.progress();
            return open == 0;
        }

        private void piece(long from, long count) {
            long kind = kind(SUM, type);
            long number = messages.reserve(count * type.bytes(), kind, "sum", exchange);
            messages.mine(number).copy_(values.get().narrow(0, from, count).view(torch.ScalarType.Byte));
            if (!parts) {
                messages.publish(number);
                messages.expect(number, () -> addAll(number, from, count));
                return;
            }
            long begin = begin(rank(), count);
            long own = begin(rank() + 1, count) - begin;
            // Its number is taken now, when that of all members is the same, and its place with it.
            long sums = messages.reserve(own * type.bytes(), kind(PART_OF_SUM, type), "sum", exchange);
            messages.publish(number);
            messages.expect(number, () -> addPart(number, sums, begin, own));
            messages.expect(sums, () -> takeParts(sums, from, count));
        }

        private void addAll(long number, long from, long count) {
            requireSame(number, /* lengthsToo= */ true);
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                Tensor sum = values.get().narrow(0, from, count);
                if (size() == 2) {
                    sum.add_(of(1 - rank(), number));
                } else {
                    sum.copy_(of(0, number));
                    for (int rank = 1; rank < size(); rank++) {
                        sum.add_(of(rank, number));
                    }
                }
            }
            open--;
        }

        private void addPart(long number, long sums, long begin, long count) {
            requireSame(number, /* lengthsToo= */ true);
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                Tensor sum = messages.mine(sums).view(type.scalarType());
                torch.add_out(
                        sum,
                        of(0, number).narrow(0, begin, count),
                        of(1, number).narrow(0, begin, count));
                for (int rank = 2; rank < size(); rank++) {
                    sum.add_(of(rank, number).narrow(0, begin, count));
                }
            }
            messages.publish(sums);
        }

        private void takeParts(long sums, long from, long count) {
            requireSame(sums, /* lengthsToo= */ false);
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                for (int rank = 0; rank < size(); rank++) {
                    long begin = begin(rank, count);
                    values.get()
                            .narrow(0, from + begin, begin(rank + 1, count) - begin)
                            .copy_(of(rank, sums));
                }
            }
            open--;
        }

        private void requireSame(long number, boolean lengthsToo) {
            List<Integer> differing = messages.differing(number, lengthsToo);
            if (!differing.isEmpty()) {
                throw presence.fail(new GroupException("all members must sum the same values: rank " + rank() + " has "
                        + size + " of " + type + ", " + Facts.ranks(differing) + " others"));
            }
        }

        private Tensor of(int rank, long number) {
            return messages.of(rank, number).view(type.scalarType());
        }

        private long begin(int rank, long count) {
            return count * rank / size();
        }
    }
}
