package dev.marquee.bench;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.OneDnn;
import dev.marquee.tensor.Scope;
import java.util.concurrent.TimeUnit;
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

/** The three products of a linear map, by the BLAS and by oneDNN, on one thread. */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(1)
public class LinearProducts {
    /** Inputs x outputs of the layer. */
    @Param({"784x512", "512x128", "429x400", "64x64"})
    public String layer;

    /** Samples in a batch. */
    @Param({"16", "128", "1024"})
    public int rows;

    private Arena arena;
    private Tensor input;
    private Tensor weight;
    private Tensor bias;
    private Tensor gradient;

    /** Makes the operands. */
    @Setup(Level.Trial)
    public void open() {
        Engine.useThreads(1);
        arena = Arena.open("operands");
        int inputs = Integer.parseInt(layer.substring(0, layer.indexOf('x')));
        int outputs = Integer.parseInt(layer.substring(layer.indexOf('x') + 1));
        try (Scope scope = Scope.open()) {
            input = arena.keep(torch.randn(rows, inputs));
            weight = arena.keep(torch.randn(outputs, inputs));
            bias = arena.keep(torch.randn(outputs));
            gradient = arena.keep(torch.randn(rows, outputs));
        }
    }

    /** Frees them. */
    @TearDown(Level.Trial)
    public void close() {
        arena.close();
    }

    /** Forward by the BLAS. */
    @Benchmark
    public void forwardBlas() {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            torch.addmm(bias, input, weight.t());
        }
    }

    /** Forward by oneDNN. */
    @Benchmark
    public void forwardOneDnn() {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            OneDnn.linear(input, weight, bias);
        }
    }

    /** The input's gradient by the BLAS. */
    @Benchmark
    public void inputGradientBlas() {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            torch.mm(gradient, weight);
        }
    }

    /** The input's gradient by oneDNN. */
    @Benchmark
    public void inputGradientOneDnn() {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            OneDnn.linear(gradient, weight.t(), null);
        }
    }

    /** The weight's gradient by the BLAS. */
    @Benchmark
    public void weightGradientBlas() {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            torch.mm(gradient.t(), input);
        }
    }

    /** The weight's gradient by oneDNN. */
    @Benchmark
    public void weightGradientOneDnn() {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            OneDnn.linear(gradient.t(), input.t(), null);
        }
    }
}
