package dev.marquee.measure;

import dev.marquee.loss.BinaryCrossEntropyConfig;
import dev.marquee.loss.Loss;
import dev.marquee.loss.Reduction;
import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Linear;
import dev.marquee.nn.Mode;
import dev.marquee.nn.MultilayerPerceptron;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.Tape;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** See {@link Workload#ranking}. */
final class RankingStep implements Workload {
    private static final int WIDTH = 16;
    private static final int DENSE = 13;
    private static final List<Integer> SIZES = List.of(DENSE + ClickBatches.FIELDS * WIDTH, 400, 400, 400, 1);
    private static final double RATE = 0.001;

    private final int batch;
    private final int rows;
    private final boolean peerIsSparse;
    private final List<Integer> offsets;
    private final Arena arena = Arena.open("benchmark data");
    private final Parameters parameters = Parameters.create(DType.FLOAT32);
    private final ClickBatches ids;
    private final Tensor numbers;
    private final Tensor labels;
    private final EmbeddingTable linear;
    private final EmbeddingTable embeddings;
    private final Linear wide;
    private final MultilayerPerceptron deep;
    private final Loss loss = BinaryCrossEntropyConfig.DEFAULT.create(Reduction.MEAN);
    private final Optimizer optimizer;

    RankingStep(int batch, int rows, boolean peerIsSparse) {
        this.batch = batch;
        this.rows = rows;
        this.peerIsSparse = peerIsSparse;
        int perField = rows / ClickBatches.FIELDS;
        offsets = IntStream.range(0, ClickBatches.FIELDS)
                .mapToObj(field -> field * perField)
                .toList();
        List<EmbeddingTable.Slice> slices = IntStream.range(0, ClickBatches.FIELDS)
                .mapToObj(field -> new EmbeddingTable.Slice("field" + field, perField))
                .toList();
        Parameters.Path root = parameters.root();
        linear = root.child("linear").tables(slices, 1, Initializer.constant(0));
        embeddings = root.child("embedding").tables(slices, WIDTH, Initializer.normal(0.01));
        wide = Linear.create(root.child("dense"), DENSE, 1, /* withBias= */ false);
        deep = MultilayerPerceptron.create(
                root.child("deep"), MultilayerPerceptron.Config.of(SIZES.toArray(Integer[]::new)));
        optimizer = OptimizerConfig.of(OptimizerConfig.Name.ADAM, RATE).create(parameters);
        try (Scope scope = Scope.open()) {
            ids = new ClickBatches(batch, perField - 1, arena);
            numbers = arena.keep(Tensors.empty(DType.FLOAT32, batch, DENSE));
            numbers.uniform_(0, 1, new GeneratorOptional());
            labels = arena.keep(Tensors.empty(DType.FLOAT32, batch, 1));
            labels.bernoulli_(0.25, new GeneratorOptional());
        }
    }

    @Override
    public String name() {
        return String.format(
                Locale.ROOT, "deepfm batch %d, %,d rows%s", batch, rows, peerIsSparse ? "" : ", dense peer");
    }

    @Override
    public long samples() {
        return batch;
    }

    @Override
    public double flops() {
        // The first layer's input has a gradient, but for the numbers.
        return Flops.perceptron(batch, SIZES) + 2.0 * batch * ClickBatches.FIELDS * WIDTH * SIZES.get(1);
    }

    @Override
    public Map<String, Object> description() {
        return Map.of(
                "work", "ranking",
                "batch", batch,
                "rows", rows,
                "fields", ClickBatches.FIELDS,
                "width", WIDTH,
                "sizes", SIZES,
                "exponent", ClickBatches.EXPONENT,
                "batches", ClickBatches.BATCHES,
                "sparse", peerIsSparse);
    }

    @Override
    public void step() {
        try (Scope scope = Scope.open();
                Tape tape = Tape.open()) {
            parameters.zeroGradients();
            tape.backward(loss.of(logits(), labels));
            optimizer.step(RATE);
        }
    }

    @Override
    public void close() {
        optimizer.close();
        parameters.close();
        arena.close();
    }

    private Tensor logits() {
        DistinctIds distinct = DistinctIds.of(List.of(new DistinctIds.Part(ids.next(), offsets)));
        Tensor weights = linear.embed(distinct, linear.gather(distinct, Mode.TRAINING), 0); // [batch, 26, 1]
        Tensor fields = embeddings.embed(distinct, embeddings.gather(distinct, Mode.TRAINING), 0); // [batch, 26, 16]
        Tensor sum = fields.sum(1); // [batch, 16]
        Tensor pairs = sum.mul(sum).sub(fields.mul(fields).sum(1)).sum(1).mul(new Scalar(0.5)); // [batch]
        Tensor input = torch.cat(new TensorVector(numbers, fields.view(batch, -1)), 1); // [batch, 13 + 26 · 16]
        return deep.forward(input, Mode.TRAINING)
                .add(weights.sum(1))
                .add(wide.forward(numbers))
                .add(pairs.unsqueeze(1)); // [batch, 1]
    }
}
