package dev.marquee.optim;

import dev.marquee.tensor.Coefficient;
import org.bytedeco.pytorch.Tensor;

/** The classic weight decay, a part of the gradient: {@code g + λ θ}. */
final class WeightDecay implements AutoCloseable {
    private final double decay;
    private final Coefficient coefficient = new Coefficient();

    WeightDecay(double decay) {
        this.decay = Checks.atLeastZero(decay, "weight decay");
        coefficient.of(decay); // made before threads share it
    }

    double value() {
        return decay;
    }

    Tensor added(Tensor gradient, Tensor parameter) {
        return decay == 0 ? gradient : gradient.add(parameter, coefficient.of(decay));
    }

    @Override
    public void close() {
        coefficient.close();
    }
}
