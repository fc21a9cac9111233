package dev.marquee.optim;

import dev.marquee.nn.Parameters;
import dev.marquee.tensor.Coefficient;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019): {@code θ ← (1 − η λ) θ}, then a step of {@link Adam}
 * without weight decay. Agrees with {@code torch.optim.AdamW}. It remembers {@code exp_avg.NAME},
 * {@code exp_avg_sq.NAME} and {@code step}.
 */
public final class AdamW implements Optimizer {
    private final AdamRule rule;
    private final double weightDecay;
    private final Coefficient kept = new Coefficient();

    /**
     * Made for the trainable parameters.
     *
     * @param parameters what to change
     * @param beta1 how much of the first moment is kept, at least 0, below 1
     * @param beta2 how much of the second moment is kept, at least 0, below 1
     * @param epsilon at least 0
     * @param weightDecay at least 0
     * @throws IllegalArgumentException when a number is out of range
     */
    public AdamW(Parameters parameters, double beta1, double beta2, double epsilon, double weightDecay) {
        this.weightDecay = Checks.atLeastZero(weightDecay, "weight decay");
        this.rule = new AdamRule(parameters, beta1, beta2, epsilon);
    }

    @Override
    public void step(double learningRate) {
        Checks.atLeastZero(learningRate, "the learning rate");
        Scalar factor = kept.of(1 - learningRate * weightDecay);
        rule.step(learningRate, (gradient, parameter) -> {
            if (weightDecay != 0) {
                parameter.mul_(factor);
            }
            return gradient;
        });
    }

    @Override
    public Map<String, Tensor> state() {
        return rule.state();
    }

    @Override
    public void load(Map<String, Tensor> state) {
        rule.load(state);
    }

    @Override
    public void close() {
        rule.close();
        kept.close();
    }
}
