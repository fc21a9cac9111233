package dev.marquee.measure;

import dev.marquee.nn.Mode;
import dev.marquee.nn.MultiHeadAttention;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;

/** See {@link Workload#attention}. */
final class AttentionStep implements Workload {
    private final AttentionShape shape;
    private final boolean fused;
    private final Arena arena = Arena.open("benchmark data");
    private final Stepper<MultiHeadAttention> stepper;
    private final Tensor query;
    private final Tensor key;
    private final Tensor mask;
    private final Tensor cotangent;

    AttentionStep(AttentionShape shape, boolean fused) {
        this.shape = shape;
        this.fused = fused;
        MultiHeadAttention.Config config =
                MultiHeadAttention.Config.of(shape.dim(), shape.dim(), shape.units(), shape.heads());
        stepper = new Stepper<>(
                shape.batch(),
                Math.max(shape.queryTime(), shape.keyTime()),
                OptimizerConfig.DEFAULT,
                path -> MultiHeadAttention.create(path, config));
        try (Scope scope = Scope.open()) {
            query = normal(shape.batch(), shape.queryTime(), shape.dim());
            key = normal(shape.batch(), shape.keyTime(), shape.dim());
            cotangent = normal(shape.batch(), shape.queryTime(), shape.units());
            mask = arena.keep(Tensors.of(padding(), shape.batch(), shape.keyTime()));
        }
    }

    @Override
    public String name() {
        return "attention " + shape.sizes() + (fused ? " fused" : " with scores");
    }

    @Override
    public long samples() {
        return shape.batch();
    }

    @Override
    public double flops() {
        return Flops.attention(shape);
    }

    @Override
    public Map<String, Object> description() {
        return Map.of("work", "attention", "shape", shape.sizes(), "fused", fused);
    }

    @Override
    public void useThreads(int threads, int replicas) {
        stepper.useThreads(threads, replicas, threads);
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
        stepper.step((attention, tape, from, size) -> {
            Tensor queries = query.narrow(0, from, size).detach().set_requires_grad(true);
            Tensor keys = key.narrow(0, from, size).detach().set_requires_grad(true);
            Tensor hidden = mask.narrow(0, from, size);
            Tensor output = stepper.output(() -> fused
                    ? attention.output(queries, keys, hidden, Mode.TRAINING)
                    : attention.forward(queries, keys, hidden, Mode.TRAINING).output());
            tape.backward(output, cotangent.narrow(0, from, size));
            return 0;
        });
    }

    @Override
    public void close() {
        stepper.close();
        arena.close();
    }

    private Tensor normal(long... sizes) {
        Tensor tensor = arena.keep(Tensors.empty(DType.FLOAT32, sizes));
        tensor.normal_(0, 1, new GeneratorOptional());
        return tensor;
    }

    /** Every sequence keeps 1 to all of its keys; the rest, at its end, is hidden. */
    private boolean[] padding() {
        Random random = new Random(2);
        boolean[] padding = new boolean[shape.batch() * shape.keyTime()];
        for (int row = 0; row < shape.batch(); row++) {
            int kept = 1 + random.nextInt(shape.keyTime());
            for (int i = kept; i < shape.keyTime(); i++) {
                padding[row * shape.keyTime() + i] = true;
            }
        }
        return padding;
    }
}
