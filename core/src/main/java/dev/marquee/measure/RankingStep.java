package dev.marquee.measure;

import dev.marquee.collective.Group;
import dev.marquee.loss.BinaryCrossEntropyConfig;
import dev.marquee.loss.Loss;
import dev.marquee.loss.Reduction;
import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Linear;
import dev.marquee.nn.Mode;
import dev.marquee.nn.MultilayerPerceptron;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.parallel.Traffic;
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
    private final int idsPerField;
    private ClickBatches ids;
    private final Tensor numbers;
    private final Tensor labels;
    private final Stepper<Net> stepper;
    private final Loss loss = BinaryCrossEntropyConfig.DEFAULT.create(Reduction.MEAN);

    private record Net(EmbeddingTable linear, EmbeddingTable embeddings, Linear wide, MultilayerPerceptron deep) {}

    RankingStep(int batch, int rows, boolean peerIsSparse) {
        this.batch = batch;
        this.rows = rows;
        this.peerIsSparse = peerIsSparse;
        int perField = rows / ClickBatches.FIELDS;
        idsPerField = perField - 1;
        offsets = IntStream.range(0, ClickBatches.FIELDS)
                .mapToObj(field -> field * perField)
                .toList();
        List<EmbeddingTable.Slice> slices = IntStream.range(0, ClickBatches.FIELDS)
                .mapToObj(field -> new EmbeddingTable.Slice("field" + field, perField))
                .toList();
        stepper = new Stepper<>(
                batch,
                1,
                OptimizerConfig.of(OptimizerConfig.Name.ADAM, RATE),
                root -> new Net(
                        root.child("linear").tables(slices, 1, Initializer.constant(0)),
                        root.child("embedding").tables(slices, WIDTH, Initializer.normal(0.01)),
                        Linear.create(root.child("dense"), DENSE, 1, /* withBias= */ false),
                        MultilayerPerceptron.create(
                                root.child("deep"), MultilayerPerceptron.Config.of(SIZES.toArray(Integer[]::new)))));
        try (Scope scope = Scope.open()) {
            ids = new ClickBatches(batch, idsPerField, arena, 1);
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
        return description(batch, rows, peerIsSparse);
    }

    static Map<String, Object> description(int batch, int rows, boolean peerIsSparse) {
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
    public void useThreads(int threads, int replicas) {
        stepper.useThreads(threads, replicas, threads);
    }

    @Override
    public void join(Group group, boolean overlap) {
        stepper.join(group, overlap);
        try (Scope scope = Scope.open()) {
            // Not those of the others.
            ids = new ClickBatches(batch, idsPerField, arena, 1 + group.rank());
        }
    }

    @Override
    public Traffic traffic() {
        return stepper.traffic();
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
        Tensor given = ids.next();
        stepper.step((net, tape, from, size) -> {
            Tensor logits =
                    stepper.output(() -> logits(net, given.narrow(0, from, size), numbers.narrow(0, from, size)));
            Tensor mean = loss.of(logits, labels.narrow(0, from, size));
            tape.backward(stepper.share(mean, size));
            return mean.item_float();
        });
    }

    @Override
    public void close() {
        stepper.close();
        arena.close();
    }

    private Tensor logits(Net net, Tensor fieldIds, Tensor dense) {
        DistinctIds distinct = DistinctIds.of(List.of(new DistinctIds.Part(fieldIds, offsets)));
        Tensor weights = net.linear.embed(distinct, net.linear.gather(distinct, Mode.TRAINING), 0); // [batch, 26, 1]
        Tensor fields =
                net.embeddings.embed(distinct, net.embeddings.gather(distinct, Mode.TRAINING), 0); // [batch, 26, 16]
        Tensor sum = fields.sum(1); // [batch, 16]
        Tensor pairs = sum.mul(sum).sub(fields.mul(fields).sum(1)).sum(1).mul(new Scalar(0.5)); // [batch]
        Tensor input = torch.cat(new TensorVector(dense, fields.view(fields.size(0), -1)), 1); // [batch, 13 + 26 · 16]
        return net.deep
                .forward(input, Mode.TRAINING)
                .add(weights.sum(1))
                .add(net.wide.forward(dense))
                .add(pairs.unsqueeze(1)); // [batch, 1]
    }
}
