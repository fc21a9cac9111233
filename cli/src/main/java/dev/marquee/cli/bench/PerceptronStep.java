package dev.marquee.cli.bench;

import dev.marquee.nn.Linear;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The default recipe's step: 784-512-128-10 with ReLU, cross-entropy, plain SGD, on random pictures. */
final class PerceptronStep implements Workload {
    private static final long[] SIZES = {784, 512, 128, 10};

    private final int batch;
    private final Arena arena = Arena.open("benchmark data");
    private final Parameters parameters = Parameters.create(DType.FLOAT32);
    private final Linear first = Linear.create(parameters.root().child("fc1"), SIZES[0], SIZES[1], true);
    private final Linear second = Linear.create(parameters.root().child("fc2"), SIZES[1], SIZES[2], true);
    private final Linear third = Linear.create(parameters.root().child("fc3"), SIZES[2], SIZES[3], true);
    private final Tensor pictures;
    private final Tensor labels;

    PerceptronStep(int batch) {
        this.batch = batch;
        try (Scope scope = Scope.open()) {
            pictures = arena.keep(Tensors.empty(DType.FLOAT32, batch, SIZES[0]));
            pictures.uniform_(0, 1, new GeneratorOptional());
            labels = arena.keep(
                    Tensors.of(new Random(1).longs(batch, 0, SIZES[3]).toArray()));
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
    public Map<String, Object> request() {
        return Map.of("work", "perceptron", "batch", batch, "sizes", SIZES);
    }

    @Override
    public void step() {
        try (Scope scope = Scope.open()) {
            parameters.zeroGradients();
            Tensor hidden = torch.relu(first.forward(pictures));
            Tensor logits = third.forward(torch.relu(second.forward(hidden)));
            torch.cross_entropy_loss(logits, labels).backward();
            PlainSgd.step(parameters);
        }
    }

    @Override
    public void close() {
        parameters.close();
        arena.close();
    }
}
