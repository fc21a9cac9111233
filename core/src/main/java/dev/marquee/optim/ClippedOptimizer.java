package dev.marquee.optim;

import dev.marquee.nn.Parameters;
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
        GradientClipping.byNorm(parameters, maxNorm);
        optimizer.step(learningRate);
    }

    @Override
    public Map<String, Tensor> state() {
        return optimizer.state();
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
