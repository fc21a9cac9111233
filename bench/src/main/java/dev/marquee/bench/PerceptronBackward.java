package dev.marquee.bench;

import dev.marquee.nn.MultilayerPerceptron;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.Tape;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Forward and backward of a perceptron on one thread: by the engine's graph, and on a tape. */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PerceptronBackward {
    /** Its sizes; the input has a gradient where it is the output of embeddings, not where it is a picture. */
    @Param({"784,512,128,10", "429,400,400,400,1"})
    public String sizes;

    /** Samples in a batch. */
    @Param({"16", "128", "1024"})
    public int rows;

    private Arena arena;
    private Parameters parameters;
    private MultilayerPerceptron network;
    private Tensor input;

    /** Makes the network and its input. */
    @Setup(Level.Trial)
    public void open() {
        Engine.useThreads(1);
        arena = Arena.open("input");
        parameters = Parameters.create(DType.FLOAT32);
        Integer[] of = Stream.of(sizes.split(",", -1)).map(Integer::valueOf).toArray(Integer[]::new);
        network = MultilayerPerceptron.create(parameters.root(), MultilayerPerceptron.Config.of(of));
        try (Scope scope = Scope.open()) {
            input = arena.keep(torch.randn(rows, of[0]));
            input.set_requires_grad(of[0] != 784);
        }
    }

    /** Frees them. */
    @TearDown(Level.Trial)
    public void close() {
        parameters.close();
        arena.close();
    }

    /** By the engine's graph alone. */
    @Benchmark
    public void graph() {
        try (Scope scope = Scope.open()) {
            forget();
            loss().backward();
        }
    }

    /** With the layers' own gradients. */
    @Benchmark
    public void tape() {
        try (Scope scope = Scope.open();
                Tape tape = Tape.open()) {
            forget();
            tape.backward(loss());
        }
    }

    private void forget() {
        parameters.zeroGradients();
        input.mutable_grad().reset();
    }

    private Tensor loss() {
        return network.forward(input, dev.marquee.nn.Mode.TRAINING).mean();
    }
}
