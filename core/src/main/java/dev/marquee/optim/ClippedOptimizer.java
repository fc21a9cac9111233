package dev.marquee.optim;

import dev.marquee.nn.Parameters;
import dev.marquee.tensor.RowSubset;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Clips the gradients before each step of another optimiser. */
final class ClippedOptimizer implements Optimizer {
    private final Optimizer optimizer;
    private final Parameters parameters;
    private final double maxNorm;

    ClippedOptimizer(Optimizer optimizer, Parameters parameters, double maxNorm) {
        this.optimizer = optimizer;
        this.parameters = parameters;
        this.maxNorm = maxNorm;
    }

    @Override
    public void step(double learningRate) {
        step(optimizer, parameters, learningRate);
    }

    @Override
    public UpdateRule replica(Parameters replica) {
        UpdateRule rule = optimizer.replica(replica);
        return new UpdateRule() {
            @Override
            public void step(double learningRate) {
                ClippedOptimizer.this.step(rule, replica, learningRate);
            }

            @Override
            public void close() {
                rule.close();
            }
        };
    }

    private void step(UpdateRule rule, Parameters clipped, double learningRate) {
        GradientClipping.byNorm(clipped, maxNorm);
        rule.step(learningRate);
    }

    @Override
    public Map<String, Tensor> state() {
        return optimizer.state();
    }

    @Override
    public Map<String, RowSubset> subsets() {
        return optimizer.subsets();
    }

    @Override
    public void load(Map<String, Tensor> state) {
        optimizer.load(state);
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
