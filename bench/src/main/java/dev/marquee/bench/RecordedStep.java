package dev.marquee.bench;

import dev.marquee.profile.Phase;
import dev.marquee.profile.Profiler;
import dev.marquee.profile.Tally;
import dev.marquee.profile.Track;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
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

/** What a profile adds to a step of a perceptron of three layers: the clocks and the counting, without the step. */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RecordedStep {
    private static final int LAYERS = 3;

    /** Whether the training is profiled. */
    @Param({"false", "true"})
    public boolean profiled;

    private Arena arena;
    private Profiler profiler;
    private Tensor input;
    private Tensor weight;
    private long step;

    /** Starts the profiler. */
    @Setup(Level.Trial)
    public void open() {
        Engine.useThreads(1);
        arena = Arena.open("input");
        try (Scope scope = Scope.open()) {
            input = arena.keep(Tensors.zeros(DType.FLOAT32, 32, 784));
            weight = arena.keep(Tensors.zeros(DType.FLOAT32, 512, 784));
        }
        profiler = profiled ? Profiler.on(1) : Profiler.off(1);
        profiler.start();
    }

    /** Frees all. */
    @TearDown(Level.Trial)
    public void close() {
        profiler.close();
        arena.close();
    }

    /** All that is told about a step. */
    @Benchmark
    public void step() {
        Track track = profiler.leader();
        track.enter(Phase.WAITING);
        track.leave();
        profiler.stepStarted();
        track.enter(Phase.FORWARD);
        for (int i = 0; i < LAYERS; i++) {
            Tally.linear(input, weight);
        }
        track.leave();
        track.enter(Phase.BACKWARD);
        track.leave();
        track.enter(Phase.UPDATE);
        Tally.bytes(weight, 5);
        track.leave();
        profiler.stepEnded(++step, 1, 32, 0.5);
    }
}
