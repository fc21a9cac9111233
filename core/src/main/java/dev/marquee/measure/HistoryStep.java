package dev.marquee.measure;

import dev.marquee.data.Batch;
import dev.marquee.loss.BinaryCrossEntropyConfig;
import dev.marquee.loss.Loss;
import dev.marquee.loss.Reduction;
import dev.marquee.model.BstConfig;
import dev.marquee.model.DinConfig;
import dev.marquee.model.Model;
import dev.marquee.model.RankingModelConfig;
import dev.marquee.nn.Mode;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** See {@link Workload#history}. */
final class HistoryStep implements Workload {
    private static final int FIELDS = 5;
    private static final int ROWS = 100_000;
    private static final int WIDTH = 16;
    private static final int BATCHES = 16;
    private static final double RATE = 0.001;

    private final String kind;
    private final int batch;
    private final int time;
    private final Arena arena = Arena.open("benchmark data");
    private final List<Batch> batches = new ArrayList<>();
    private final Loss loss = BinaryCrossEntropyConfig.DEFAULT.create(Reduction.MEAN);
    private final Stepper<Model> stepper;
    private int next;

    HistoryStep(String kind, int batch, int time) {
        this.kind = kind;
        this.batch = batch;
        this.time = time;
        FeatureLayout layout = layout();
        RankingModelConfig config = switch (kind) {
            case "din" -> din();
            case "bst" -> BstConfig.DEFAULT;
            default -> throw new IllegalArgumentException("din or bst, not " + kind);
        };
        stepper = new Stepper<>(
                batch, 1, OptimizerConfig.of(OptimizerConfig.Name.ADAM, RATE), path -> config.create(path, layout));
        draw();
    }

    /** The paper's unit and perceptron with ReLU, so that rows do not depend on each other. */
    private static DinConfig din() {
        DinConfig paper = DinConfig.DEFAULT;
        return new DinConfig(
                paper.embedding(),
                paper.attentionHidden(),
                paper.softmax(),
                paper.products(),
                paper.hidden(),
                /* dice= */ false,
                paper.activation(),
                paper.dropout(),
                paper.norm(),
                paper.initFrom());
    }

    private FeatureLayout layout() {
        List<FeatureLayout.Table> tables = new ArrayList<>();
        List<FeatureLayout.Field> fields = new ArrayList<>();
        for (int i = 0; i < FIELDS; i++) {
            tables.add(new FeatureLayout.Table("field" + i, ROWS));
            fields.add(new FeatureLayout.Field("field" + i, i));
        }
        return new FeatureLayout(
                List.of(),
                tables,
                fields,
                List.of(),
                List.of(new FeatureLayout.Sequence("clicked", 0, time, /* target= */ 0, "clicks")),
                List.of(new FeatureLayout.Label("click", 0.25)));
    }

    private void draw() {
        SplittableRandom random = new SplittableRandom(1);
        try (Scope scope = Scope.open()) {
            for (int i = 0; i < BATCHES; i++) {
                Tensor ids = arena.keep(Tensors.empty(DType.INT32, batch, FIELDS));
                IntBuffer values = Tensors.bytes(ids).asIntBuffer();
                while (values.hasRemaining()) {
                    values.put(id(random));
                }
                Tensor history = arena.keep(Tensors.zeros(DType.INT32, batch, time));
                IntBuffer events = Tensors.bytes(history).asIntBuffer();
                for (int row = 0; row < batch; row++) {
                    int length = 1 + random.nextInt(time);
                    for (int event = 0; event < length; event++) {
                        events.put(row * time + event, id(random));
                    }
                }
                Tensor labels = arena.keep(Tensors.empty(DType.FLOAT32, batch, 1));
                labels.bernoulli_(0.25, new GeneratorOptional());
                batches.add(new Batch(
                        Map.of(Batch.IDS, ids, Batch.SEQUENCE + "clicked", history), labels, batch, null, null, null));
            }
        }
    }

    private static int id(SplittableRandom random) {
        int count = ROWS - 1;
        return 1 + (int) (Zipf.rank(random.nextDouble(), count) * ClickBatches.SCATTER % count);
    }

    @Override
    public String name() {
        return kind + " batch " + batch + ", histories of up to " + time;
    }

    @Override
    public long samples() {
        return batch;
    }

    /** Of the attention unit's or block's and the perceptron's products, three times the forward ones. */
    @Override
    public double flops() {
        double forward = switch (kind) {
            case "din" -> {
                DinConfig config = din();
                // The unit's products with keys and with keys times candidate, its output, and the sum of events.
                int hidden = config.attentionHidden().get(0);
                double unit = (double) time * (2 * WIDTH * hidden + hidden + WIDTH);
                yield unit + perceptron((FIELDS + 1) * WIDTH, config.hidden());
            }
            default -> {
                BstConfig config = BstConfig.DEFAULT;
                double attention = 2.0 * (time + 1) * WIDTH * config.heads() + 4.0 * WIDTH * WIDTH;
                double feedForward = 2.0 * WIDTH * config.feedForward();
                yield attention + feedForward + perceptron((FIELDS + 1) * WIDTH, config.hidden());
            }
        };
        return 3 * 2 * forward * batch;
    }

    private static double perceptron(int inputs, List<Integer> hidden) {
        double products = 0;
        int size = inputs;
        for (int outputs : hidden) {
            products += (double) size * outputs;
            size = outputs;
        }
        return products + size;
    }

    @Override
    public Map<String, Object> description() {
        boolean din = kind.equals("din");
        return Map.of(
                "work", kind,
                "batch", batch,
                "time", time,
                "fields", FIELDS,
                "rows", ROWS,
                "width", WIDTH,
                "unit",
                        din
                                ? din().attentionHidden()
                                : List.of(BstConfig.DEFAULT.heads(), BstConfig.DEFAULT.feedForward()),
                "hidden", din ? din().hidden() : BstConfig.DEFAULT.hidden(),
                "exponent", Zipf.EXPONENT,
                "batches", BATCHES);
    }

    @Override
    public void useThreads(int threads, int replicas) {
        stepper.useThreads(threads, replicas, threads);
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
        next = (next + 1) % BATCHES;
        Batch whole = batches.get(next);
        stepper.step((model, tape, from, size) -> {
            Batch part = whole.part(from, from + size);
            Tensor mean = loss.of(stepper.output(() -> model.forward(part, Mode.TRAINING)), part.target());
            tape.backward(size == batch ? mean : mean.mul(new Scalar((double) size / batch)));
            return mean.item_float();
        });
    }

    @Override
    public void close() {
        stepper.close();
        arena.close();
    }
}
