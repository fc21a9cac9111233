package dev.marquee.nn;

import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The activation of the deep interest network: a PReLU whose bend lies where the data are, and is smooth.
 *
 * <pre>{@code
 * f(s) = p(s) s + (1 − p(s)) α s      p(s) = sigmoid((s − E[s]) / √(Var[s] + ε))      ε = 1e-8
 * }</pre>
 *
 * <p>Each unit has its own learned α, 0 at first. As in batch norm, training uses mean and biased variance of the batch,
 * through which gradients flow, and moves the running ones by a tenth towards the batch's mean and unbiased variance;
 * evaluation uses the running ones, and so does training where the batch has fewer than two values, which have no
 * variance. Padding counts for nothing. Replicas that share a batch use the statistics of all of it.
 *
 * <p>Parameters: {@code alpha [size]}; buffers: {@code running_mean [size]}, {@code running_var [size]}. Source: Zhou et
 * al., <em>Deep Interest Network for Click-Through Rate Prediction</em>, 2018, section 5.3.
 */
public final class Dice implements Nonlinearity {
    private static final double EPSILON = 1e-8;
    private static final double MOMENTUM = 0.1;

    private final int size;
    private final Tensor alpha;
    private final Tensor runningMean;
    private final Tensor runningVariance;

    private Dice(Parameters.Path path, int size) {
        this.size = size;
        this.alpha = path.parameter("alpha", Initializer.constant(0), size);
        this.runningMean = path.buffer("running_mean", Initializer.constant(0), size);
        this.runningVariance = path.buffer("running_var", Initializer.constant(1), size);
    }

    /**
     * Makes the layer with new parameters.
     *
     * @param path where its parameters and buffers live
     * @param size the number of units, at least 1
     * @return the layer
     * @throws IllegalArgumentException when the size is not positive
     */
    public static Dice create(Parameters.Path path, int size) {
        if (size < 1) {
            throw new IllegalArgumentException("Dice needs a positive size, not " + size);
        }
        return new Dice(path, size);
    }

    /**
     * Applies the function.
     *
     * @param input {@code [..., size]}, floating-point
     * @param padding {@code [...]}, boolean: true leaves a position out of the statistics; null leaves none out
     * @param mode whether to use, and learn from, the batch's statistics
     * @return {@code [..., size]}
     * @throws IllegalArgumentException when the last dimension is not {@code size}
     */
    @Override
    public Tensor forward(Tensor input, @Nullable Tensor padding, Mode mode) {
        Shapes.requireLast(input, size, "Dice's input");
        Tensor rows = input.to(alpha).reshape(-1, size); // [rows, size], of the parameters' type under autocast too
        Tensor share = torch.sigmoid(normalized(rows, padding, mode));
        return torch.lerp(rows.mul(alpha), rows, share).view(Tensors.shape(input));
    }

    private Tensor normalized(Tensor rows, @Nullable Tensor padding, Mode mode) {
        if (!mode.training()) {
            return batchNorm(rows, false);
        }
        Tape tape = Tape.meeting();
        if (tape != null) {
            Tensor counts = padding == null ? null : padding.logical_not().reshape(-1, 1);
            BatchMoments moments = BatchMoments.of(tape, "Dice", rows, counts, EPSILON);
            if (moments == null) {
                return batchNorm(rows, false);
            }
            moments.move(runningMean, runningVariance, MOMENTUM);
            return moments.normalized();
        }
        if (padding == null) {
            return batchNorm(rows, rows.size(0) > 1);
        }
        Tensor real = padding.logical_not().reshape(-1, 1); // [rows, 1]
        long count = real.sum().item_long();
        return count < 2 ? batchNorm(rows, false) : normalized(rows, real, count);
    }

    /** By the statistics of the rows that are no padding. */
    private Tensor normalized(Tensor rows, Tensor real, long count) {
        Tensor weights = real.to(rows).div(new Scalar((double) count)); // [rows, 1]
        Tensor mean = rows.mul(weights).sum(0); // [size]
        Tensor centered = rows.sub(mean);
        Tensor variance = centered.square().mul(weights).sum(0); // [size]
        try (Gradients.Guard off = Gradients.off()) {
            runningMean.lerp_(mean, new Scalar(MOMENTUM));
            Tensor unbiased = variance.mul(new Scalar(count / (count - 1.0)));
            runningVariance.lerp_(unbiased, new Scalar(MOMENTUM));
        }
        return centered.mul(variance.add(new Scalar(EPSILON)).rsqrt());
    }

    private Tensor batchNorm(Tensor rows, boolean byTheBatch) {
        return torch.batch_norm(
                rows,
                new TensorOptional(),
                new TensorOptional(),
                new TensorOptional(runningMean),
                new TensorOptional(runningVariance),
                byTheBatch,
                MOMENTUM,
                EPSILON,
                /* cudnn= */ true);
    }
}
