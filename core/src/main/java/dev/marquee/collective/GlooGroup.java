package dev.marquee.collective;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Kept;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.BroadcastOptions;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch;

/** Processes that exchange by Gloo, and watch each other by the rendezvous. */
final class GlooGroup implements Group {
    /** How often to look whether a member is lost while waiting. */
    private static final long LOOK_MILLIS = 200;

    private static final String TIMED_OUT = "Operation timed out";

    private final Presence presence;
    private final GlooConnection connection;
    private final ProcessGroupGloo gloo;
    private final Kept<Milliseconds> look;
    private int underWay;

    GlooGroup(Presence presence, GlooConnection connection) {
        this.presence = presence;
        this.connection = connection;
        this.gloo = connection.group();
        this.look = Kept.of(new Milliseconds(LOOK_MILLIS));
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
        try (Scope scope = Scope.open()) {
            boolean plain = values.is_contiguous();
            Tensor sent = plain ? values.detach() : values.detach().contiguous();
            Pending pending = start("sum", () -> gloo.allreduce(new TensorVector(sent)));
            if (plain) {
                return pending;
            }
            Kept<Tensor> kept = Kept.of(sent);
            return () -> {
                try (kept;
                        Scope copying = Scope.open()) {
                    pending.await();
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
        try (Scope scope = Scope.open()) {
            Tensor plain = values.detach().contiguous();
            BroadcastOptions options = new BroadcastOptions().rootRank(root);
            start("broadcast", () -> gloo.broadcast(new TensorVector(bytes(plain)), options))
                    .await();
            if (!values.is_contiguous()) {
                values.detach().copy_(plain);
            }
        }
    }

    @Override
    public List<Tensor> gather(Tensor mine) {
        Scope scope = Scope.open();
        try (scope) {
            Rows rows = Rows.like(mine);
            long own = rows.bytes(mine);
            long[] sent = new long[size()];
            Arrays.fill(sent, own);
            long[] arriving = counts("gather", rows, sent);
            long longest = LongStream.of(arriving).max().orElse(0);
            Tensor in = Tensors.empty(DType.UINT8, longest);
            Tensor out = Tensors.empty(DType.UINT8, size() * longest);
            if (longest > 0) {
                in.narrow(0, 0, own).copy_(bytes(mine.detach().contiguous()));
                start("gather", () -> gloo._allgather_base(out, in)).await();
            }
            List<Tensor> received = new ArrayList<>();
            for (int rank = 0; rank < size(); rank++) {
                received.add(scope.promote(rows.of(out.narrow(0, rank * longest, arriving[rank]))));
            }
            return List.copyOf(received);
        }
    }

    @Override
    public List<byte[]> gather(byte[] mine) {
        try (Scope scope = Scope.open()) {
            return gather(Tensors.of(mine)).stream().map(GlooGroup::toBytes).toList();
        }
    }

    @Override
    public List<Tensor> exchange(List<Tensor> parts) {
        if (parts.size() != size()) {
            throw new IllegalArgumentException(
                    "an exchange takes a tensor for each of " + size() + " members, not " + parts.size());
        }
        Scope scope = Scope.open();
        try (scope) {
            Rows rows = Rows.like(parts.get(0));
            long[] sent = parts.stream().mapToLong(rows::bytes).toArray();
            long[] arriving = counts("exchange", rows, sent);
            Tensor in = Tensors.empty(DType.UINT8, LongStream.of(sent).sum());
            Tensor out = Tensors.empty(DType.UINT8, LongStream.of(arriving).sum());
            long at = 0;
            for (int rank = 0; rank < size(); rank++) {
                if (sent[rank] > 0) {
                    in.narrow(0, at, sent[rank])
                            .copy_(bytes(parts.get(rank).detach().contiguous()));
                    at += sent[rank];
                }
            }
            LongVector inCounts = new LongVector(sent);
            LongVector outCounts = new LongVector(arriving);
            start("exchange", () -> gloo.alltoall_base(out, in, outCounts, inCounts))
                    .await();
            List<Tensor> received = new ArrayList<>();
            at = 0;
            for (long count : arriving) {
                received.add(scope.promote(rows.of(out.narrow(0, at, count))));
                at += count;
            }
            return List.copyOf(received);
        }
    }

    @Override
    public void barrier() {
        try (Scope scope = Scope.open()) {
            sum(Tensors.zeros(DType.INT64, 1));
        }
    }

    @Override
    public void close() {
        // With an exchange under way native threads wait for others, and would be waited for: they are left behind.
        presence.close(underWay == 0, () -> {
            connection.close();
            look.close();
        });
    }

    /** Tells the others how many bytes each gets, and checks that all speak of the same rows. */
    private long[] counts(String what, Rows rows, long[] sent) {
        int width = size() + 2;
        long[] mine = Arrays.copyOf(sent, width);
        mine[size()] = rows.rowBytes();
        mine[size() + 1] = rows.type().scalarType().value;
        Tensor all = Tensors.zeros(DType.INT64, (long) size() * width);
        all.narrow(0, (long) rank() * width, width).copy_(Tensors.of(mine));
        start(what, () -> gloo.allreduce(new TensorVector(all))).await();
        long[] counts = Tensors.toLongs(all);
        long[] arriving = new long[size()];
        List<Integer> differing = new ArrayList<>();
        for (int rank = 0; rank < size(); rank++) {
            int at = rank * width;
            arriving[rank] = counts[at + rank()];
            if (counts[at + size()] != mine[size()] || counts[at + size() + 1] != mine[size() + 1]) {
                differing.add(rank);
            }
        }
        if (!differing.isEmpty()) {
            throw presence.fail(new GroupException("all members must " + what + " rows of one kind: rank " + rank()
                    + " has " + rows + ", " + Facts.ranks(differing) + " another kind"));
        }
        return arriving;
    }

    private Pending start(String what, Supplier<Work> starting) {
        long number = presence.begin(what);
        try (Scope scope = Scope.open()) {
            Pending pending = new Pending(what, number, Kept.of(starting.get()));
            underWay++;
            return pending;
        } catch (RuntimeException e) {
            throw presence.lost(what, number, e);
        }
    }

    private static Tensor bytes(Tensor plain) {
        return plain.view(-1).view(torch.ScalarType.Byte);
    }

    private static byte[] toBytes(Tensor values) {
        byte[] bytes = new byte[Math.toIntExact(values.numel())];
        if (bytes.length > 0) {
            Tensors.eachChunk(values, chunk -> chunk.get(bytes));
        }
        return bytes;
    }

    /** An exchange that native threads carry out. */
    private final class Pending implements Exchange {
        private final String what;
        private final long number;
        private final Kept<Work> work;
        private boolean done;

        Pending(String what, long number, Kept<Work> work) {
            this.what = what;
            this.number = number;
            this.work = work;
        }

        @Override
        public void await() {
            if (done) {
                return;
            }
            while (!completed()) {
                presence.check(Presence.in(what, number));
            }
            done = true;
            underWay--;
            work.close();
        }

        @Override
        public boolean complete() {
            return done || work.get().isCompleted();
        }

        private boolean completed() {
            try {
                return work.get()._wait(look.get());
            } catch (RuntimeException e) {
                if (String.valueOf(e.getMessage()).startsWith(TIMED_OUT)) {
                    return false; // of this look; where it has completed since, the next one tells how
                }
                throw presence.lost(what, number, e);
            }
        }
    }
}
