package dev.marquee.parallel;

import dev.marquee.collective.Group;
import dev.marquee.nn.FlatParameters;
import dev.marquee.profile.Tally;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Sums dense gradients that travel as bfloat16, in half of the bytes. Each member adds up one part of the sum, in float32
 * and in the order of the ranks, and tells the others. With {@code b} rounding to bfloat16, {@code g} a member's gradient
 * and {@code e}, {@code f} what was lost before:
 *
 * <pre>{@code
 * c = b(g + e)          e ← g + e − c          to the members that add
 * s = Σ c + f           f ← s − b(s)           b(s) to all
 * }</pre>
 *
 * <p>(Error feedback: Seide, Fu, Droppo, Li and Yu, "1-bit stochastic gradient descent", 2014; both ways as in Tang et
 * al., "DoubleSqueeze", 2019.) What was lost is {@link #forget forgotten} whenever the training is saved, so that a resumed
 * run goes on as an undisturbed one does.
 */
final class CompressedExchange implements DenseExchange {
    private final Group group;
    private final FlatParameters flat;
    private final long size;
    private final long part;
    private final Tensor lost;
    private final Tensor lostOfSum;

    CompressedExchange(Group group, FlatParameters flat, Arena arena) {
        this.group = group;
        this.flat = flat;
        this.size = flat.values().numel();
        this.part = (size + group.size() - 1) / group.size();
        try (Scope scope = Scope.open()) {
            lost = arena.keep(Tensors.zeros(DType.FLOAT32, size));
            lostOfSum = arena.keep(Tensors.zeros(DType.FLOAT32, length(group.rank())));
        }
    }

    @Override
    public void begin() {}

    @Override
    public void given(Tensor parameter, long rows) {}

    @Override
    public void start(IntConsumer defined) {
        flat.take(0, flat.places().size(), defined);
    }

    @Override
    public boolean late() {
        return false;
    }

    @Override
    public long bytes() {
        return size * DType.BFLOAT16.bytes();
    }

    @Override
    public long arrived() {
        return 0;
    }

    @Override
    public void await() {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Tensor gradients = flat.gradients();
            Tensor sent = rounded(lost.add_(gradients));
            lost.sub_(sent);
            List<Tensor> parts = new ArrayList<>();
            for (int rank = 0; rank < group.size(); rank++) {
                parts.add(sent.narrow(0, from(rank), length(rank)));
            }
            Tally.bytes(sent, 2);
            for (Tensor received : group.exchange(parts)) {
                lostOfSum.add_(received);
            }
            Tensor sum = rounded(lostOfSum);
            lostOfSum.sub_(sum);
            gradients.copy_(torch.cat(new TensorVector(group.gather(sum).toArray(Tensor[]::new))));
        }
    }

    @Override
    public void repeat() {
        // Nothing is sent early, so that nothing comes late.
    }

    @Override
    public void forget() {
        try (Gradients.Guard off = Gradients.off()) {
            lost.zero_();
            lostOfSum.zero_();
        }
    }

    private static Tensor rounded(Tensor values) {
        return values.to(DType.BFLOAT16.scalarType());
    }

    private long from(int rank) {
        return Math.min(size, rank * part);
    }

    private long length(int rank) {
        return from(rank + 1) - from(rank);
    }
}
