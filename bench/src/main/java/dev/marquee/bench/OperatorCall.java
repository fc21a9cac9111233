package dev.marquee.bench;

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
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a call into the engine costs when there is almost nothing to compute. */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class OperatorCall {
    private static final int CALLS = 100;

    private Arena arena;
    private Tensor left;
    private Tensor right;

    /** Makes two tensors of eight numbers. */
    @Setup(Level.Trial)
    public void open() {
        Engine.useThreads(1);
        arena = Arena.open("operands");
        try (Scope scope = Scope.open()) {
            left = arena.keep(Tensors.zeros(DType.FLOAT32, 8));
            right = arena.keep(Tensors.full(1, DType.FLOAT32, 8));
        }
    }

    /** Frees them. */
    @TearDown(Level.Trial)
    public void close() {
        arena.close();
    }

    /** An operator in place, a hundred times in one scope; the time is of one. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void addInPlace() {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            for (int i = 0; i < CALLS; i++) {
                left.add_(right);
            }
        }
    }

    /** An operator that makes a new tensor, a hundred times in one scope; the time is of one. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void add() {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            for (int i = 0; i < CALLS; i++) {
                left.add(right);
            }
        }
    }

    /** A scope with nothing in it. */
    @Benchmark
    public void emptyScope() {
        Scope.open().close();
    }
}
