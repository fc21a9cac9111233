package dev.marquee.cli.bench;

import dev.marquee.nn.Parameters;
import dev.marquee.tensor.Gradients;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Gradient descent at 0.01 without momentum: the update that the benchmarks do. */
final class PlainSgd {
    private PlainSgd() {}

    /** Updates in the scope that is open. */
    static void step(Parameters parameters) {
        try (Gradients.Guard off = Gradients.off()) {
            Scalar descent = new Scalar(-0.01);
            for (Tensor parameter : parameters.trainable().values()) {
                parameter.add_(parameter.grad(), descent);
            }
        }
    }
}
