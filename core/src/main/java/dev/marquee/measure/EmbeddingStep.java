package dev.marquee.measure;

import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;

/** See {@link Workload#embeddings}. */
final class EmbeddingStep implements Workload {
    private static final int WIDTH = 16;
    private static final double RATE = 0.001;

    private final int batch;
    private final int rows;
    private final Arena arena = Arena.open("benchmark data");
    private final Parameters parameters = Parameters.create(DType.FLOAT32);
    private final ClickBatches ids;
    private final Tensor gradient;
    private final EmbeddingTable table;
    private final Optimizer optimizer;

    EmbeddingStep(int batch, int rows) {
        this.batch = batch;
        this.rows = rows;
        table = parameters
                .root()
                .tables(List.of(new EmbeddingTable.Slice("ids", rows)), WIDTH, Initializer.normal(0.01));
        optimizer = OptimizerConfig.of(OptimizerConfig.Name.ADAM, RATE).create(parameters);
        try (Scope scope = Scope.open()) {
            ids = new ClickBatches(batch, rows - 1, arena, 1);
            gradient = arena.keep(Tensors.empty(DType.FLOAT32, batch, ClickBatches.FIELDS, WIDTH));
            gradient.normal_(0, 1, new GeneratorOptional());
        }
    }

    @Override
    public String name() {
        return String.format(Locale.ROOT, "lookup and update batch %d, %,d rows", batch, rows);
    }

    @Override
    public long samples() {
        return batch;
    }

    @Override
    public double flops() {
        return 0;
    }

    @Override
    public Map<String, Object> description() {
        return Map.of("work", "embeddings", "batch", batch, "rows", rows, "width", WIDTH);
    }

    @Override
    public void step() {
        try (Scope scope = Scope.open()) {
            parameters.zeroGradients();
            DistinctIds distinct = DistinctIds.of(List.of(new DistinctIds.Part(ids.next(), List.of(0))));
            Tensor shown = table.embed(distinct, table.gather(distinct, Mode.TRAINING), 0);
            shown.mutable_grad().put(gradient); // what a backward pass would leave
            optimizer.step(RATE);
        }
    }

    @Override
    public void close() {
        optimizer.close();
        parameters.close();
        arena.close();
    }
}
