package dev.marquee.measure;

import dev.marquee.collective.Group;
import dev.marquee.loss.CrossEntropyConfig;
import dev.marquee.loss.Loss;
import dev.marquee.loss.Reduction;
import dev.marquee.model.Perceptron;
import dev.marquee.model.PerceptronConfig;
import dev.marquee.nn.Mode;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.parallel.Traffic;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
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
    private final Stepper<Perceptron> stepper;
    private final Loss loss = CrossEntropyConfig.DEFAULT.create(Reduction.MEAN);
    private final Tensor pictures;
    private final Tensor labels;

    PerceptronStep(int batch) {
        this.batch = batch;
        this.stepper = new Stepper<>(batch, 1, OptimizerConfig.DEFAULT, PerceptronConfig.DEFAULT::create);
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
    public void useThreads(int threads, int replicas) {
        stepper.useThreads(threads, replicas, PerceptronConfig.DEFAULT.operatorThreads(threads));
    }

    @Override
    public void join(Group group, boolean overlap) {
        stepper.join(group, overlap);
    }

    @Override
    public Traffic traffic() {
        return stepper.traffic();
    }

    @Override
    public void usePrecision(DType type) {
        stepper.usePrecision(type);
    }

    @Override
    public int replicas() {
        return stepper.replicas();
    }

    @Override
    public void step() {
        stepper.step((network, tape, from, size) -> {
            Tensor output = stepper.output(() -> network.forward(pictures.narrow(0, from, size), Mode.TRAINING));
            Tensor mean = loss.of(output, labels.narrow(0, from, size));
            tape.backward(stepper.share(mean, size));
            return mean.item_float();
        });
    }

    @Override
    public void close() {
        stepper.close();
        arena.close();
    }
}
