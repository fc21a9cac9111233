package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.OwnGradient;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Normalises a part of a batch by mean and biased variance of the whole of it, of which other replicas have the other parts
 * (PyTorch's {@code SyncBatchNorm}). With {@code w} 1 for what counts and 0 for padding, {@code n = Σ w} over all parts:
 *
 * <pre>{@code
 * x̂ = (x − μ) / √(σ² + ε)      ∂x = (∂x̂ − w/n (Σ ∂x̂ + x̂ Σ ∂x̂ x̂)) / √(σ² + ε)
 * }</pre>
 *
 * <p>Forward, each part tells its mean and its squares about it, which are joined in double precision (Chan, Golub, LeVeque,
 * 1979); backward, its two sums. All compute the same from them, so the result is that of the whole batch on one thread but
 * for rounding.
 *
 * @param normalized x̂ of this part, {@code [rows, size]}, joined to the engine's graph
 * @param count n
 * @param mean μ, {@code [size]}
 * @param variance σ², {@code [size]}
 * @param leads whether this part is the one that moves running statistics
 */
record BatchMoments(Tensor normalized, double count, Tensor mean, Tensor variance, boolean leads) {
    /** What all parts have together. */
    @SuppressWarnings("ArrayRecordComponent") // read by loops; never compared
    private record Whole(double count, double[] mean, double[] variance, boolean leads) {}

    /**
     * Normalises.
     *
     * @param tape of a replica that is at a {@link Meeting}
     * @param layer what is normalised, for all replicas must be at the same layer
     * @param rows {@code [rows, size]}
     * @param real {@code [rows, 1]}, boolean, true for what counts; null where all does
     * @param epsilon ε
     * @return null, told to all, where fewer than two values count in the whole batch
     */
    static @Nullable BatchMoments of(Tape tape, String layer, Tensor rows, @Nullable Tensor real, double epsilon) {
        try (Gradients.Guard off = Gradients.off()) {
            Whole whole = forward(tape, layer, rows, real);
            if (whole.count() < 2) {
                return null;
            }
            DType type = DType.of(rows);
            Tensor mean = Tensors.of(whole.mean(), whole.mean().length).to(type.scalarType());
            Tensor variance =
                    Tensors.of(whole.variance(), whole.variance().length).to(type.scalarType());
            Tensor inverse = variance.add(new Scalar(epsilon)).rsqrt_();
            Tensor normalized = rows.sub(mean).mul_(inverse);
            Tensor formula = normalized.clone(); // what is handed out may be changed by who uses it
            try (Gradients.Guard on = Gradients.on()) {
                OwnGradient.join(
                        List.of(normalized),
                        List.of(rows),
                        gradients -> Arrays.asList(backward(
                                tape, layer, gradients.get(0), formula, inverse, weights(real, whole.count(), rows))));
            }
            return new BatchMoments(normalized, whole.count(), mean, variance, whole.leads());
        }
    }

    private static Whole forward(Tape tape, String layer, Tensor rows, @Nullable Tensor real) {
        int size = Math.toIntExact(rows.size(1));
        double count = real == null ? rows.size(0) : real.sum().item_long();
        double[] told = new double[1 + 2 * size];
        told[0] = count;
        if (count > 0) {
            Tensor weights = weights(real, count, rows);
            Tensor mean = rows.mul(weights).sum(0); // [size]
            Tensor squares = rows.sub(mean).square_().mul_(weights).sum(0); // [size]
            System.arraycopy(Tensors.toDoubles(mean), 0, told, 1, size);
            System.arraycopy(Tensors.toDoubles(squares), 0, told, 1 + size, size);
        }
        List<double @Nullable []> all = tape.exchange(layer + " forward", told);
        double whole = 0;
        double[] mean = new double[size];
        double[] squares = new double[size];
        for (double[] part : all) {
            if (part == null || part[0] == 0) {
                continue;
            }
            double before = whole;
            whole += part[0];
            for (int i = 0; i < size; i++) {
                double apart = part[1 + i] - mean[i];
                mean[i] += apart * part[0] / whole;
                squares[i] += part[0] * part[1 + size + i] + apart * apart * before * part[0] / whole;
            }
        }
        double n = whole;
        return new Whole(n, mean, Arrays.stream(squares).map(sum -> sum / n).toArray(), tape.isFirst(all));
    }

    private static Tensor backward(
            Tape tape, String layer, @Nullable Tensor given, Tensor normalized, Tensor inverse, Tensor weights) {
        Tensor gradient = given == null ? torch.zeros_like(normalized) : given.reshape(normalized.sizes());
        int size = Math.toIntExact(normalized.size(1));
        double[] told = Arrays.copyOf(Tensors.toDoubles(gradient.sum(0)), 2 * size);
        System.arraycopy(Tensors.toDoubles(gradient.mul(normalized).sum(0)), 0, told, size, size);
        double[] sums = new double[2 * size];
        for (double[] part : tape.exchange(layer + " backward", told)) {
            if (part != null) {
                Arrays.setAll(sums, i -> sums[i] + part[i]);
            }
        }
        Tensor both = Tensors.of(sums, 2, size).to(normalized.scalar_type());
        Tensor common =
                normalized.mul(both.select(0, 1)).add_(both.select(0, 0)).mul_(weights);
        return gradient.sub(common).mul_(inverse);
    }

    /** What each row counts in a mean of so many: {@code [rows, 1]}. */
    private static Tensor weights(@Nullable Tensor real, double count, Tensor like) {
        return real == null
                ? Tensors.full(1 / count, DType.of(like), 1, 1)
                : real.to(like.scalar_type()).div(new Scalar(count));
    }

    /** Moves running statistics by a tenth or so, in whatever replica leads. */
    void move(Tensor runningMean, Tensor runningVariance, double momentum) {
        if (leads) {
            try (Gradients.Guard off = Gradients.off()) {
                runningMean.lerp_(mean, new Scalar(momentum));
                runningVariance.lerp_(variance.mul(new Scalar(count / (count - 1))), new Scalar(momentum));
            }
        }
    }
}
