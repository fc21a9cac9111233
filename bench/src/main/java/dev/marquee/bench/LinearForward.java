package dev.marquee.bench;

import dev.marquee.nn.Linear;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.Tensor;
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

/** The first layer of the default recipe, forward, on one thread. */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LinearForward {
    /** Samples in a batch. */
    @Param({"1", "32", "256"})
    public int batch;

    private Arena arena;
    private Parameters parameters;
    private Linear linear;
    private Tensor input;

    /** Makes the layer and its input. */
    @Setup(Level.Trial)
    public void open() {
        Engine.useThreads(1);
        arena = Arena.open("input");
        parameters = Parameters.create(DType.FLOAT32);
        linear = Linear.create(parameters.root(), 784, 512, true);
        try (Scope scope = Scope.open()) {
            input = arena.keep(Tensors.full(0.5, DType.FLOAT32, batch, 784));
        }
    }

    /** Frees them. */
    @TearDown(Level.Trial)
    public void close() {
        parameters.close();
        arena.close();
    }

    /** Forward without gradients, as in prediction. */
    @Benchmark
    public void forward() {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            linear.forward(input);
        }
    }
}
