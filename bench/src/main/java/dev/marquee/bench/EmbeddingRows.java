package dev.marquee.bench;

import dev.marquee.measure.Zipf;
import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.RowStorage;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.GeneratorOptional;
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

/** What a step does for an embedding table of a million rows of 16, part by part: 26 ids a sample, on one thread. */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Dorg.bytedeco.javacpp.nopointergc=true", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"})
public class EmbeddingRows {
    private static final int ROWS = 1_000_000;
    private static final int FIELDS = 26;
    private static final int WIDTH = 16;
    private static final double RATE = 0.001;
    /** A prime: multiplying by it, modulo anything smaller, changes the order only. */
    private static final long SCATTER = 2_147_483_647L;

    /** Samples in a batch. */
    @Param({"1024", "4096"})
    public int batch;

    /** What the rows are kept as. */
    @Param({"FLOAT32", "FLOAT16", "INT8"})
    public RowStorage storage;

    private Arena arena;
    private Parameters parameters;
    private EmbeddingTable table;
    private Optimizer optimizer;
    private Tensor ids;
    private Tensor gradient;

    /** Makes the table, and ids that follow Zipf's law. */
    @Setup(Level.Trial)
    public void open() {
        Engine.useThreads(1);
        arena = Arena.open("ids");
        parameters = Parameters.create(DType.FLOAT32);
        table = parameters
                .root()
                .tables(List.of(new EmbeddingTable.Slice("ids", ROWS)), WIDTH, Initializer.normal(0.01), storage);
        optimizer = OptimizerConfig.of(OptimizerConfig.Name.ADAM, RATE).create(parameters);
        try (Scope scope = Scope.open()) {
            ids = arena.keep(Tensors.empty(DType.INT32, batch, FIELDS));
            gradient = arena.keep(Tensors.empty(DType.FLOAT32, batch, FIELDS, WIDTH));
            gradient.normal_(0, 1, new GeneratorOptional());
            SplittableRandom random = new SplittableRandom(1);
            IntBuffer values = Tensors.bytes(ids).asIntBuffer();
            while (values.hasRemaining()) {
                values.put(1 + (int) (Zipf.rank(random.nextDouble(), ROWS - 1) * SCATTER % (ROWS - 1)));
            }
        }
    }

    /** Frees them. */
    @TearDown(Level.Trial)
    public void close() {
        optimizer.close();
        parameters.close();
        arena.close();
    }

    /** Makes the ids distinct. */
    @Benchmark
    public int deduplicate() {
        try (Scope scope = Scope.open()) {
            return distinct().count();
        }
    }

    /** The same, and gathers the rows. */
    @Benchmark
    public void deduplicateAndGather() {
        try (Scope scope = Scope.open()) {
            table.gather(distinct(), dev.marquee.nn.Mode.EVALUATION);
        }
    }

    /** The same, and shows the rows, sums a fixed gradient by row and updates with lazy Adam. */
    @Benchmark
    public void deduplicateGatherAndUpdate() {
        try (Scope scope = Scope.open()) {
            parameters.zeroGradients();
            DistinctIds distinct = distinct();
            Tensor shown = table.embed(distinct, table.gather(distinct, dev.marquee.nn.Mode.TRAINING), 0);
            shown.mutable_grad().put(gradient);
            optimizer.step(RATE);
        }
    }

    private DistinctIds distinct() {
        return DistinctIds.of(List.of(new DistinctIds.Part(ids, List.of(0))));
    }
}
