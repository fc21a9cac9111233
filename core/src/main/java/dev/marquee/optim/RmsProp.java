package dev.marquee.optim;

import dev.marquee.nn.Parameters;
import dev.marquee.tensor.Coefficient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * RMSprop (Tieleman and Hinton, 2012), with weight decay {@code λ}, momentum {@code μ} and, when centred, the variance
 * (Graves, 2013) in place of the second moment:
 *
 * <pre>{@code
 * g ← g + λ θ
 * v ← α v + (1 − α) g²
 * a ← α a + (1 − α) g                      when centred
 * d ← √v + ε,  or when centred  √(v − a²) + ε
 * θ ← θ − η g / d,  or with momentum  b ← μ b + g / d,  θ ← θ − η b
 * }</pre>
 *
 * <p>Agrees with {@code torch.optim.RMSprop}. It remembers {@code square_avg.NAME}, {@code grad_avg.NAME} when centred,
 * {@code momentum.NAME} with momentum, and {@code step}.
 */
public final class RmsProp implements Optimizer {
    private final Slots slots;
    private final double alpha;
    private final double epsilon;
    private final double momentum;
    private final boolean centered;
    private final WeightDecay decay;
    private final Coefficient kept = new Coefficient();
    private final Coefficient entering = new Coefficient();
    private final Coefficient one = new Coefficient();
    private final Coefficient added = new Coefficient();
    private final Coefficient momentumFactor = new Coefficient();
    private final Coefficient rate = new Coefficient();

    /**
     * Made for the trainable parameters.
     *
     * @param parameters what to change
     * @param alpha how much of the moments is kept, at least 0, below 1
     * @param epsilon at least 0
     * @param momentum at least 0; 0 for none
     * @param centered whether to divide by the standard deviation of the gradient
     * @param weightDecay at least 0
     * @throws IllegalArgumentException when a number is out of range
     */
    public RmsProp(
            Parameters parameters,
            double alpha,
            double epsilon,
            double momentum,
            boolean centered,
            double weightDecay) {
        this.alpha = Checks.belowOne(alpha, "alpha");
        this.epsilon = Checks.atLeastZero(epsilon, "epsilon");
        this.momentum = Checks.atLeastZero(momentum, "momentum");
        this.centered = centered;
        this.decay = new WeightDecay(weightDecay);
        List<String> moments = new ArrayList<>(List.of("square_avg"));
        if (centered) {
            moments.add("grad_avg");
        }
        if (momentum != 0) {
            moments.add("momentum");
        }
        this.slots = new Slots(parameters, moments);
    }

    @Override
    public void step(double learningRate) {
        Scalar negativeRate = rate.of(-Checks.atLeastZero(learningRate, "the learning rate"));
        // Made before threads share them.
        kept.of(alpha);
        entering.of(1 - alpha);
        added.of(epsilon);
        momentumFactor.of(momentum);
        one.of(1);
        slots.update(step -> (parameter, gradient, moments) -> {
            Tensor decayed = decay.added(gradient, parameter);
            Tensor denominator = denominator(decayed, moments);
            if (momentum == 0) {
                parameter.addcdiv_(decayed, denominator, negativeRate);
            } else {
                Tensor buffer = moments.get(moments.size() - 1);
                buffer.mul_(momentumFactor.of(momentum)).addcdiv_(decayed, denominator, one.of(1));
                parameter.add_(buffer, negativeRate);
            }
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
        kept.close();
        entering.close();
        one.close();
        added.close();
        momentumFactor.close();
        rate.close();
    }

    private Tensor denominator(Tensor gradient, List<Tensor> moments) {
        Tensor square = moments.get(0);
        square.mul_(kept.of(alpha)).addcmul_(gradient, gradient, entering.of(1 - alpha));
        if (!centered) {
            return square.sqrt().add_(added.of(epsilon));
        }
        Tensor mean = moments.get(1);
        mean.lerp_(gradient, entering.of(1 - alpha));
        return square.addcmul(mean, mean, new Scalar(-1.0)).sqrt_().add_(added.of(epsilon));
    }
}
