package dev.marquee.measure;

import dev.marquee.loss.CrossEntropyConfig;
import dev.marquee.loss.Loss;
import dev.marquee.loss.Reduction;
import dev.marquee.model.Perceptron;
import dev.marquee.model.PerceptronConfig;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.Tape;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;

/** See {@link Workload#perceptron}. */
final class PerceptronStep implements Workload {
    private static final List<Integer> SIZES = PerceptronConfig.DEFAULT.sizes();

    private final int batch;
    private final Arena arena = Arena.open("benchmark data");
    private final Parameters parameters = Parameters.create(DType.FLOAT32);
    private final Perceptron network = PerceptronConfig.DEFAULT.create(parameters.root());
    private final Loss loss = CrossEntropyConfig.DEFAULT.create(Reduction.MEAN);
    private final Optimizer optimizer = OptimizerConfig.DEFAULT.create(parameters);
    private final Tensor pictures;
    private final Tensor labels;

    PerceptronStep(int batch) {
        this.batch = batch;
        try (Scope scope = Scope.open()) {
            pictures = arena.keep(Tensors.empty(DType.FLOAT32, batch, SIZES.get(0)));
            pictures.uniform_(0, 1, new GeneratorOptional());
            labels = arena.keep(Tensors.of(
                    new Random(1).longs(batch, 0, SIZES.get(SIZES.size() - 1)).toArray()));
        }
    }

    @Override
    public String name() {
        return "perceptron batch " + batch;
    }

    @Override
    public long samples() {
        return batch;
    }

    @Override
    public double flops() {
        return Flops.perceptron(batch, SIZES);
    }

    @Override
    public Map<String, Object> description() {
        return Map.of("work", "perceptron", "batch", batch, "sizes", SIZES);
    }

    @Override
    public void useThreads(int threads) {
        Engine.useThreads(PerceptronConfig.DEFAULT.operatorThreads(threads), threads);
    }

    @Override
    public void step() {
        try (Scope scope = Scope.open();
                Tape tape = Tape.open()) {
            parameters.zeroGradients();
            tape.backward(loss.of(network.forward(pictures, Mode.TRAINING), labels));
            optimizer.step(OptimizerConfig.DEFAULT.learningRate());
        }
    }

    @Override
    public void close() {
        optimizer.close();
        parameters.close();
        arena.close();
    }
}
