package dev.marquee.loss;

import dev.marquee.tensor.Device;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/** Checks of what losses are given, cheap enough for every step, and the weights that they take. */
final class Inputs {
    private Inputs() {}

    static void requireFloating(Tensor output, String loss) {
        if (!output.is_floating_point()) {
            throw new IllegalArgumentException(
                    loss + " needs outputs of a floating-point type, not " + Tensors.describe(output));
        }
    }

    static void requireLike(Tensor tensor, Tensor output, String loss, String what) {
        if (tensor.scalar_type().value != output.scalar_type().value || !sameShape(tensor, output)) {
            throw new IllegalArgumentException(loss + " needs " + what + " of the outputs' shape and type: outputs are "
                    + Tensors.describe(output) + ", " + what + " are " + Tensors.describe(tensor)
                    + "; reshape or convert one of them");
        }
    }

    /** A vector of the output's type; absent for no weights. Small, so it is made anew each time: nothing to own. */
    static TensorOptional weights(List<Double> weights, Tensor output) {
        if (weights.isEmpty()) {
            return new TensorOptional();
        }
        double[] values = weights.stream().mapToDouble(Double::doubleValue).toArray();
        return new TensorOptional(Tensors.of(values).to(output));
    }

    /** Labels or weights, which batches have in main memory, where the outputs are. */
    static Tensor beside(Tensor given, Tensor output) {
        return Device.beside(given, output);
    }

    private static boolean sameShape(Tensor a, Tensor b) {
        return a.dim() == b.dim() && Arrays.equals(Tensors.shape(a), Tensors.shape(b));
    }
}
