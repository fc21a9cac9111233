package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Ranges;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Team;
import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Products} of few rows with many weights, shared by the threads of an open {@link Team}: each reads its part
 * of the weights, which are what such a product waits for, and computes the columns that depend on them. Where there is no
 * team, or little to share, the products are those of this thread.
 *
 * <p>A number is computed by one thread alone, so results do not depend on chance; those of other numbers of threads
 * differ by rounding, as a product of another shape may add in another order.
 */
final class SharedProducts {
    /** With more rows the threads had better take a part of them each. */
    private static final long FEW_ROWS = 256;
    /** Waking the threads costs as much as multiplying so many weights with a few rows. */
    private static final long WORTH_SHARING = 1 << 15;
    /** Columns that are worth a thread. */
    private static final int COLUMNS = 32;

    private SharedProducts() {}

    /** As {@link Products#map}. */
    static Tensor map(Tensor x, Tensor weight, @Nullable Tensor bias) {
        if (!shared(x, weight)) {
            return Products.map(x, weight, bias);
        }
        Tensor y = Tensors.empty(DType.FLOAT32, x.size(0), weight.size(0)); // [rows, outputs]
        each(weight.size(0), (from, size) -> {
            Tensor some = bias == null ? null : bias.narrow(0, from, size);
            y.narrow(1, from, size).copy_(Products.map(x, weight.narrow(0, from, size), some));
        });
        return y;
    }

    /** As {@link Products#inputGradient}. */
    static Tensor inputGradient(Tensor gradient, Tensor weight) {
        if (!shared(gradient, weight)) {
            return Products.inputGradient(gradient, weight);
        }
        Tensor sum = Tensors.empty(DType.FLOAT32, gradient.size(0), weight.size(1)); // [rows, inputs]
        // By the BLAS: oneDNN multiplies by some of a matrix's columns in a plain loop, a hundred times slower.
        each(
                weight.size(1),
                (from, size) -> torch.mm_out(sum.narrow(1, from, size), gradient, weight.narrow(1, from, size)));
        return sum;
    }

    /** As {@link Products#addWeightGradient}. */
    static void addWeightGradient(Tensor gradient, Tensor x, Tensor weight) {
        if (!shared(x, weight)) {
            Products.addWeightGradient(gradient, x, weight);
            return;
        }
        Tensor sum = Tensors.empty(DType.FLOAT32, weight.size(0), weight.size(1)); // [outputs, inputs]
        each(
                weight.size(0),
                (from, size) -> Products.weightGradient(gradient.narrow(1, from, size), x, sum.narrow(0, from, size)));
        Tape.give(weight, sum);
    }

    /** What a thread computes of a product. */
    interface Columns {
        void compute(int from, int size);
    }

    private static boolean shared(Tensor rowsFirst, Tensor weight) {
        return weight.scalar_type().value == ScalarType.Float.value && worthSharing(rowsFirst, weight);
    }

    /** Whether threads are free for a product of few rows with many weights. */
    static boolean worthSharing(Tensor rowsFirst, Tensor weight) {
        long rows = rowsFirst.size(0);
        return Team.ready()
                && rows > 0
                && rows <= FEW_ROWS
                && weight.numel() >= WORTH_SHARING
                && weight.size(0) >= 2L * COLUMNS
                && weight.size(1) >= 2L * COLUMNS
                && weight.is_cpu();
    }

    static void each(long columns, Columns work) {
        Ranges.split(0, Math.toIntExact(columns), COLUMNS, (from, end) -> {
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                work.compute(from, end - from);
            }
        });
    }
}
