package dev.marquee.optim;

import dev.marquee.nn.Parameters;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Adam (Kingma and Ba, 2015), with the classic weight decay {@code λ}. At a parameter's step {@code t}:
 *
 * <pre>{@code
 * g ← g + λ θ
 * m ← β₁ m + (1 − β₁) g
 * v ← β₂ v + (1 − β₂) g²
 * θ ← θ − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 * }</pre>
 *
 * <p>Agrees with {@code torch.optim.Adam}. It remembers {@code exp_avg.NAME}, {@code exp_avg_sq.NAME} and {@code step}.
 */
public final class Adam implements Optimizer {
    private final AdamRule rule;
    private final WeightDecay decay;

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
    public Adam(Parameters parameters, double beta1, double beta2, double epsilon, double weightDecay) {
        this.decay = new WeightDecay(weightDecay);
        this.rule = new AdamRule(parameters, beta1, beta2, epsilon);
    }

    @Override
    public void step(double learningRate) {
        rule.step(Checks.atLeastZero(learningRate, "the learning rate"), decay::added);
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
        decay.close();
    }
}
