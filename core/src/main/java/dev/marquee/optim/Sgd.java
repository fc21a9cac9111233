package dev.marquee.optim;

import dev.marquee.nn.Parameters;
import dev.marquee.tensor.Coefficient;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Stochastic gradient descent with momentum {@code μ}, dampening {@code τ} and weight decay {@code λ}:
 *
 * <pre>{@code
 * g ← g + λ θ
 * b ← g at the first step, then μ b + (1 − τ) g
 * θ ← θ − η b,  or with Nesterov  θ ← θ − η (g + μ b)
 * }</pre>
 *
 * <p>Agrees with {@code torch.optim.SGD}. It remembers {@code momentum.NAME} and {@code step} when there is momentum,
 * else nothing.
 */
public final class Sgd implements Optimizer {
    private final Slots slots;
    private final double momentum;
    private final double dampening;
    private final boolean nesterov;
    private final WeightDecay decay;
    private final Coefficient momentumFactor = new Coefficient();
    private final Coefficient gradientFactor = new Coefficient();
    private final Coefficient rate = new Coefficient();

    /**
     * Made for the trainable parameters.
     *
     * @param parameters what to change
     * @param momentum at least 0; 0 for none
     * @param dampening how much less the gradient counts in the momentum
     * @param nesterov whether to look ahead; needs momentum and no dampening
     * @param weightDecay at least 0
     * @throws IllegalArgumentException when a number is out of range, or Nesterov lacks what it needs
     */
    public Sgd(Parameters parameters, double momentum, double dampening, boolean nesterov, double weightDecay) {
        this.momentum = Checks.atLeastZero(momentum, "momentum");
        this.dampening = Checks.belowOne(dampening, "dampening");
        this.nesterov = nesterov;
        this.decay = new WeightDecay(weightDecay);
        if (nesterov && (momentum == 0 || dampening != 0)) {
            throw new IllegalArgumentException("Nesterov needs momentum above 0 and no dampening, not momentum "
                    + momentum + " and dampening " + dampening);
        }
        this.slots = new Slots(parameters, momentum == 0 ? List.of() : List.of("momentum"));
    }

    @Override
    public void step(double learningRate) {
        Scalar negativeRate = rate.of(-Checks.atLeastZero(learningRate, "the learning rate"));
        Scalar kept = momentumFactor.of(momentum);
        Scalar entering = gradientFactor.of(1 - dampening);
        slots.update(step -> (parameter, gradient, moments) -> {
            Tensor direction = decay.added(gradient, parameter);
            if (momentum != 0) {
                Tensor buffer = moments.get(0);
                if (step == 1) {
                    buffer.copy_(direction);
                } else {
                    buffer.mul_(kept).add_(direction, entering);
                }
                direction = nesterov ? direction.add(buffer, kept) : buffer;
            }
            parameter.add_(direction, negativeRate);
        });
    }

    @Override
    public UpdateRule replica(Parameters replica) {
        return momentum == 0 ? new Sgd(replica, 0, 0, false, decay.value()) : Optimizer.super.replica(replica);
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
        momentumFactor.close();
        gradientFactor.close();
        rate.close();
    }
}
