package dev.marquee.loss;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The squared difference of outputs and targets. Agrees with {@code torch.nn.MSELoss}, but broadcasts nothing: outputs
 * and targets have the same shape and the same floating-point type.
 */
public final class MeanSquaredError implements Loss {
    private final Reduction reduction;

    /**
     * Made from its reduction.
     *
     * @param reduction how the elements' losses become the result
     */
    public MeanSquaredError(Reduction reduction) {
        this.reduction = reduction;
    }

    @Override
    public Tensor of(Tensor output, Tensor target) {
        Inputs.requireFloating(output, "mean squared error");
        Inputs.requireLike(target, output, "mean squared error", "targets");
        return torch.mse_loss(output, Inputs.beside(target, output), reduction.code());
    }
}
