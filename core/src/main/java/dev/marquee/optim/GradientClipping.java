package dev.marquee.optim;

import dev.marquee.nn.Parameters;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Keeps gradients from becoming too large. */
public final class GradientClipping {
    /** Keeps the division defined when all gradients are zero; PyTorch's number. */
    private static final double GUARD = 1e-6;

    private GradientClipping() {}

    /**
     * Scales all gradients alike, in place, when their norm, that of all of them as one vector, is above the limit.
     * Agrees with {@code torch.nn.utils.clip_grad_norm_}: gradients that are not finite stay so, for the training loop
     * to see.
     *
     * @param parameters those whose gradients to clip
     * @param maxNorm the limit, above 0
     * @return the norm before clipping; 0 when there are no gradients
     * @throws IllegalArgumentException when the limit is not a finite number above 0
     */
    public static double byNorm(Parameters parameters, double maxNorm) {
        Checks.above(maxNorm, 0, "the largest norm");
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Tensor[] gradients = parameters.trainable().values().stream()
                    .map(Tensor::mutable_grad)
                    .filter(Tensor::defined)
                    .toArray(Tensor[]::new);
            if (gradients.length == 0) {
                return 0;
            }
            double norm = norm(gradients);
            double coefficient = Math.min(1, maxNorm / (norm + GUARD));
            // Not "below 1": a norm that is not a number has to pass.
            if (!(coefficient >= 1)) {
                Scalar factor = new Scalar(coefficient);
                for (Tensor gradient : gradients) {
                    gradient.mul_(factor);
                }
            }
            return norm;
        }
    }

    private static double norm(Tensor... gradients) {
        TensorVector norms = new TensorVector(gradients.length);
        for (int i = 0; i < gradients.length; i++) {
            norms.put(i, torch.linalg_vector_norm(gradients[i]));
        }
        return torch.linalg_vector_norm(torch.stack(norms)).item_double();
    }
}
