package dev.marquee.loss;

import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Binary cross-entropy of logits {@code x} and targets {@code y} from 0 to 1, with a weight {@code p} of positive labels
 * and a weight {@code w} of each element:
 *
 * <pre>{@code −w (p y log σ(x) + (1 − y) log(1 − σ(x)))}</pre>
 *
 * <p>The mean divides by the number of elements, not by the sum of weights. Agrees with
 * {@code torch.nn.BCEWithLogitsLoss}.
 *
 * <p>Outputs and targets have the same shape, {@code [batch]} or {@code [batch, ..., columns]}, and the same
 * floating-point type. Nothing is broadcast: {@code [batch, 1]} and {@code [batch]} are refused.
 */
public final class BinaryCrossEntropy implements Loss {
    private static final String NAME = "binary cross-entropy";

    private final BinaryCrossEntropyConfig config;
    private final Reduction reduction;

    /**
     * Made from its config.
     *
     * @param config the weights of positive labels
     * @param reduction how the elements' losses become the result
     */
    public BinaryCrossEntropy(BinaryCrossEntropyConfig config, Reduction reduction) {
        this.config = config;
        this.reduction = reduction;
    }

    @Override
    public Tensor of(Tensor output, Tensor target) {
        return of(output, target, new TensorOptional());
    }

    @Override
    public Tensor of(Tensor output, Tensor target, Tensor weights) {
        Inputs.requireLike(weights, output, NAME, "weights");
        return of(output, target, new TensorOptional(Inputs.beside(weights, output)));
    }

    private Tensor of(Tensor output, Tensor target, TensorOptional weights) {
        Inputs.requireFloating(output, NAME);
        Inputs.requireLike(target, output, NAME, "targets");
        requirePositiveWeights(output);
        return torch.binary_cross_entropy_with_logits(
                output,
                Inputs.beside(target, output),
                weights,
                Inputs.weights(config.positiveWeights(), output),
                reduction.code());
    }

    private void requirePositiveWeights(Tensor output) {
        int weights = config.positiveWeights().size();
        if (weights > 1 && (output.dim() == 0 || output.size(output.dim() - 1) != weights)) {
            throw new IllegalArgumentException(NAME + " has " + weights + " positive weights, but the outputs are "
                    + Tensors.describe(output) + "; give one, or one for each column");
        }
    }
}
