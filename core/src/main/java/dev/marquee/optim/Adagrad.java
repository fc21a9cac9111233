package dev.marquee.optim;

import dev.marquee.nn.Parameters;
import dev.marquee.tensor.Coefficient;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Adagrad (Duchi, Hazan and Singer, 2011), with weight decay {@code λ}:
 *
 * <pre>{@code
 * g ← g + λ θ
 * s ← s + g²
 * θ ← θ − η g / (√s + ε)
 * }</pre>
 *
 * <p>Agrees with {@code torch.optim.Adagrad}. It remembers {@code sum.NAME} and {@code step}.
 */
public final class Adagrad implements Optimizer {
    private final Slots slots;
    private final double epsilon;
    private final WeightDecay decay;
    private final Coefficient one = new Coefficient();
    private final Coefficient added = new Coefficient();
    private final Coefficient rate = new Coefficient();

    /**
     * Made for the trainable parameters.
     *
     * @param parameters what to change
     * @param epsilon at least 0
     * @param weightDecay at least 0
     * @throws IllegalArgumentException when a number is out of range
     */
    public Adagrad(Parameters parameters, double epsilon, double weightDecay) {
        this.epsilon = Checks.atLeastZero(epsilon, "epsilon");
        this.decay = new WeightDecay(weightDecay);
        this.slots = new Slots(parameters, List.of("sum"));
    }

    @Override
    public void step(double learningRate) {
        Scalar negativeRate = rate.of(-Checks.atLeastZero(learningRate, "the learning rate"));
        Scalar whole = one.of(1);
        Scalar guard = added.of(epsilon);
        slots.update(step -> (parameter, gradient, moments) -> {
            Tensor decayed = decay.added(gradient, parameter);
            Tensor sum = moments.get(0);
            sum.addcmul_(decayed, decayed, whole);
            parameter.addcdiv_(decayed, sum.sqrt().add_(guard), negativeRate);
        });
    }

    @Override
    public Map<String, Tensor> state() {
        return slots.state();
    }

    @Override
    public void load(Map<String, Tensor> state) {
        slots.load(state);
    }

    @Override
    public void close() {
        slots.close();
        decay.close();
        one.close();
        added.close();
        rate.close();
    }
}
