package dev.marquee.nn;

import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Normalises each channel over the batch: {@code y = (x - mean) / √(var + ε) · weight + bias}. Training uses the
 * batch's mean and biased variance, and moves the running ones by a tenth towards the batch's mean and unbiased
 * variance; evaluation uses the running ones. Agrees with {@code torch.nn.BatchNorm1d(size)}, with ε = 1e-5 and
 * momentum 0.1, in its parameters ({@code weight}, {@code bias}) and buffers ({@code running_mean},
 * {@code running_var}, {@code num_batches_tracked}); the last, an integer there, is a number of the parameters' type
 * here, which either side converts when it loads the other's file. Replicas that share a batch use the statistics of all of
 * it. Source: Ioffe, Szegedy, <em>Batch Normalization</em>,
 * 2015.
 */
public final class BatchNorm {
    private static final double EPSILON = 1e-5;
    private static final double MOMENTUM = 0.1;

    private final long size;
    private final Tensor weight;
    private final Tensor bias;
    private final Tensor runningMean;
    private final Tensor runningVariance;
    private final Tensor batches;

    private BatchNorm(Parameters.Path path, long size) {
        this.size = size;
        this.weight = path.parameter("weight", Initializer.constant(1), size);
        this.bias = path.parameter("bias", Initializer.constant(0), size);
        this.runningMean = path.buffer("running_mean", Initializer.constant(0), size);
        this.runningVariance = path.buffer("running_var", Initializer.constant(1), size);
        this.batches = path.buffer("num_batches_tracked", Initializer.constant(0));
    }

    /**
     * Makes the layer with new parameters.
     *
     * @param path where its parameters and buffers live
     * @param size the number of channels, at least 1
     * @return the layer
     * @throws IllegalArgumentException when the size is not positive
     */
    public static BatchNorm create(Parameters.Path path, long size) {
        if (size < 1) {
            throw new IllegalArgumentException("batch norm needs a positive size, not " + size);
        }
        return new BatchNorm(path, size);
    }

    /**
     * Normalises the channels.
     *
     * @param input {@code [batch, size]} or {@code [batch, size, length]}, of the parameters' type
     * @param mode whether to use, and learn from, the batch's statistics
     * @return the same shape
     * @throws IllegalArgumentException when the input has another rank or another number of channels, or in training
     *     when it has one value a channel, whose variance is not defined
     */
    public Tensor forward(Tensor input, Mode mode) {
        long dimensions = input.dim();
        if ((dimensions != 2 && dimensions != 3) || input.size(1) != size) {
            throw new IllegalArgumentException("the batch norm's input must be [batch, " + size + "] or [batch, " + size
                    + ", length], not " + Tensors.describe(input));
        }
        Tape tape = mode.training() ? Tape.meeting() : null;
        if (tape != null) {
            return together(tape, input);
        }
        if (mode.training()) {
            if (input.numel() <= size) {
                throw tooFew(input);
            }
            try (Gradients.Guard off = Gradients.off()) {
                batches.add_(new Scalar(1));
            }
        }
        return torch.batch_norm(
                input,
                new TensorOptional(weight),
                new TensorOptional(bias),
                new TensorOptional(runningMean),
                new TensorOptional(runningVariance),
                mode.training(),
                MOMENTUM,
                EPSILON,
                /* cudnn= */ true);
    }

    /** By the statistics of the batch that replicas have together. */
    private Tensor together(Tape tape, Tensor input) {
        boolean withLength = input.dim() == 3;
        Tensor last = withLength ? input.transpose(1, 2) : input; // [..., size]
        Tensor rows = last.to(weight).reshape(-1, size);
        BatchMoments moments = BatchMoments.of(tape, "batch norm", rows, null, EPSILON);
        if (moments == null) {
            throw tooFew(input);
        }
        moments.move(runningMean, runningVariance, MOMENTUM);
        if (moments.leads()) {
            try (Gradients.Guard off = Gradients.off()) {
                batches.add_(new Scalar(1));
            }
        }
        Tensor output = torch.addcmul(bias, moments.normalized(), weight).view(Tensors.shape(last));
        return (withLength ? output.transpose(1, 2) : output).to(input.scalar_type());
    }

    private static IllegalArgumentException tooFew(Tensor input) {
        return new IllegalArgumentException("batch norm needs more than one value a channel in training, not "
                + Tensors.describe(input) + ": choose a batch size that leaves no batch of one sample");
    }

    /**
     * The running mean, which training moves.
     *
     * @return {@code [size]}
     */
    public Tensor runningMean() {
        return runningMean;
    }

    /**
     * The running variance, which training moves.
     *
     * @return {@code [size]}
     */
    public Tensor runningVariance() {
        return runningVariance;
    }
}
