package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.loss.Loss;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What a batch's loss is, given that samples may weigh differently, labels may be unknown, and a network may consist of
 * members that learn each for itself: the mean over all known labels, by weight; over the members likewise.
 */
final class Objective {
    /** Keeps the mean of no known labels defined. */
    private static final double SMALLEST_WEIGHT = 1e-12;

    private final Loss loss;

    Objective(Loss loss) {
        this.loss = loss;
    }

    /**
     * The loss of a batch.
     *
     * @param output what the model returned: {@code [batch, classes]} for classes, {@code [batch, labels]} or {@code
     *     [batch, members, labels]} for the rows of a log
     * @return a scalar
     */
    Tensor of(Tensor output, Batch batch) {
        Tensor target = batch.target();
        boolean members = output.dim() == target.dim() + 1 && target.scalar_type().value == output.scalar_type().value;
        if (members) {
            target = target.unsqueeze(1).expand_as(output); // [batch, members, labels]
        }
        if (target.dim() < 2 || target.scalar_type().value != output.scalar_type().value) {
            return loss.of(output, target); // classes
        }
        Tensor given = batch.weights();
        boolean complete = !target.isnan().any().item_bool();
        if (given == null && complete) {
            return loss.of(output, target);
        }
        Tensor weights = given == null
                ? torch.ones_like(target)
                : (members ? given.view(-1, 1, 1) : given.view(-1, 1))
                        .expand_as(target)
                        .to(target.scalar_type());
        if (!complete) {
            Tensor unknown = target.isnan();
            weights = weights.masked_fill(unknown, new Scalar(0));
            target = target.masked_fill(unknown, new Scalar(0));
        }
        // The loss divides by the number of elements; what counts is the sum of the weights.
        Tensor mean = weights.mean().clamp_min(new Scalar(SMALLEST_WEIGHT));
        return loss.of(output, target, weights.contiguous()).div(Device.beside(mean, output));
    }

    /**
     * What {@link #of} divides by for this batch: the sum of the weights of all known labels. The loss of a batch is that
     * of its parts, each times its share of this.
     */
    double divisor(Batch batch) {
        Tensor target = batch.target();
        if (target.dim() < 2) {
            return loss.weight(target); // classes
        }
        Tensor given = batch.weights();
        boolean complete = !target.isnan().any().item_bool();
        if (given == null && complete) {
            return target.numel();
        }
        Tensor known = target.isnan().logical_not();
        return (given == null ? known : known.mul(given.view(-1, 1)))
                .sum(new ScalarTypeOptional(DType.FLOAT64.scalarType()))
                .item_double();
    }

    /** The sum of the weights of a batch: what its loss counts for in a mean over batches. */
    static double weight(Batch batch) {
        Tensor weights = batch.weights();
        return weights == null
                ? batch.size()
                : weights.sum().to(DType.FLOAT64.scalarType()).item_double();
    }
}
