package dev.marquee.optim;

import dev.marquee.nn.Parameters;
import dev.marquee.tensor.Coefficient;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** What {@link Adam} and {@link AdamW} share: all but the place of the weight decay. */
final class AdamRule implements AutoCloseable {
    private final Slots slots;
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final Coefficient firstFactor = new Coefficient();
    private final Coefficient secondKept = new Coefficient();
    private final Coefficient secondFactor = new Coefficient();
    private final Coefficient secondCorrection = new Coefficient();
    private final Coefficient added = new Coefficient();
    private final Coefficient rate = new Coefficient();

    /** What weight decay does to a parameter, before the moments are updated. */
    @FunctionalInterface
    interface Decay {
        /** Returns the gradient to go on with. */
        Tensor apply(Tensor gradient, Tensor parameter);
    }

    AdamRule(Parameters parameters, double beta1, double beta2, double epsilon) {
        this.beta1 = Checks.belowOne(beta1, "beta1");
        this.beta2 = Checks.belowOne(beta2, "beta2");
        this.epsilon = Checks.atLeastZero(epsilon, "epsilon");
        this.slots = new Slots(parameters, List.of("exp_avg", "exp_avg_sq"));
    }

    void step(double learningRate, Decay decay) {
        Scalar entering = firstFactor.of(1 - beta1);
        Scalar kept = secondKept.of(beta2);
        Scalar enteringSquared = secondFactor.of(1 - beta2);
        Scalar guard = added.of(epsilon);
        slots.update(step -> {
            Scalar correction = secondCorrection.of(Math.sqrt(1 - Math.pow(beta2, step)));
            Scalar stepSize = rate.of(-learningRate / (1 - Math.pow(beta1, step)));
            return (parameter, gradient, moments) -> {
                Tensor decayed = decay.apply(gradient, parameter);
                Tensor first = moments.get(0);
                Tensor second = moments.get(1);
                first.lerp_(decayed, entering);
                second.mul_(kept).addcmul_(decayed, decayed, enteringSquared);
                Tensor denominator = second.sqrt().div_(correction);
                parameter.addcdiv_(first, denominator.add_(guard), stepSize);
            };
        });
    }

    Map<String, Tensor> state() {
        return slots.state();
    }

    void load(Map<String, Tensor> state) {
        slots.load(state);
    }

    @Override
    public void close() {
        slots.close();
        firstFactor.close();
        secondKept.close();
        secondFactor.close();
        secondCorrection.close();
        added.close();
        rate.close();
    }
}
