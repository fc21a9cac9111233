package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.data.Share;
import dev.marquee.model.Model;
import dev.marquee.nn.Mode;
import dev.marquee.optim.LossScale;
import dev.marquee.optim.Optimizer;
import dev.marquee.parallel.GradientExchange;
import dev.marquee.parallel.Replicas;
import dev.marquee.parallel.Traffic;
import dev.marquee.profile.Phase;
import dev.marquee.profile.Track;
import dev.marquee.recipe.EngineConfig;
import dev.marquee.tensor.Autocast;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Draws;
import dev.marquee.tensor.Gradients;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The replicas of a model at work on one batch, of which each has a share of nearly equal size. */
final class SharedBatch implements AutoCloseable {
    private final Replicas<Model> replicas;
    private final Objective objective;
    private final EngineConfig config;
    private final Members members;
    private final @Nullable GradientExchange exchange;
    private final SharedTables.Fetch fetch;
    private final Device device;
    private @Nullable LossScale scale;

    /**
     * What a step gave.
     *
     * @param loss of the whole batch
     * @param stop whether a member asks to stop
     */
    record Outcome(double loss, boolean stop) {}

    /** Of a process that trains alone. */
    SharedBatch(Replicas<Model> replicas, Objective objective, EngineConfig config) {
        this(replicas, objective, config, Members.alone(), null, SharedTables.Fetch.NOTHING);
    }

    /** Of a member, which has a share of every batch; closes the exchange, null where it is alone, with the replicas. */
    SharedBatch(
            Replicas<Model> replicas,
            Objective objective,
            EngineConfig config,
            Members members,
            @Nullable GradientExchange exchange,
            SharedTables.Fetch fetch) {
        this.fetch = fetch;
        this.replicas = replicas;
        this.objective = objective;
        this.config = config;
        this.device = config.place();
        this.members = members;
        this.exchange = exchange;
        if (exchange != null) {
            replicas.listen(exchange);
        }
    }

    /** How many replicas there are. */
    int replicas() {
        return replicas.count();
    }

    /** What has been given to exchanges with other members. */
    Traffic traffic() {
        return exchange == null ? Traffic.NONE : exchange.traffic();
    }

    /** What losses are multiplied by before the backward pass; owned by the optimiser. */
    void useScale(LossScale newScale) {
        scale = newScale;
    }

    /** Where each replica's phases are recorded. */
    void useTracks(List<Track> tracks) {
        replicas.useTracks(tracks);
    }

    /**
     * Computes the gradients of a training step of all members. They are valid in the open scope, until the next call.
     *
     * @param batch this member's share, which may be empty
     * @param size how many samples all shares have together
     * @param seed the run's seed
     * @param step the step's number
     * @param stop whether this member asks to stop
     */
    Outcome gradients(Batch batch, int size, long seed, long step, boolean stop) {
        GradientExchange others = exchange;
        if (others == null) {
            // A member that makes steps by itself learns from its share as if that were all.
            double whole = together(batch) || batch.size() == 0 ? 1 : objective.divisor(batch);
            int all = members.several() ? batch.size() : size;
            return new Outcome(computed(batch, all, () -> whole, seed, step), stop);
        }
        replicas.leader().enter(Phase.EXCHANGE);
        fetch.rows(batch);
        replicas.leader().leave();
        others.begin(batch.size() == 0 ? 0 : objective.divisor(batch));
        double loss = computed(batch, size, others::weight, seed, step);
        GradientExchange.Outcome outcome = others.finish(replicas.leader(), loss, stop);
        return new Outcome(outcome.loss(), outcome.stop());
    }

    private boolean together(Batch batch) {
        return exchange == null && replicas.shares() == 1 && pieces(batch) == 1;
    }

    private double computed(Batch batch, int size, DoubleSupplier divisor, long seed, long step) {
        int pieces = pieces(batch);
        boolean together = together(batch);
        int first = members.share().rank() * replicas.shares();
        double factor = scale == null ? 1 : scale.value();
        double sum = replicas.gradients(pieces, (replica, piece, model) -> {
            if (piece == 0) {
                Draws.seed(seed, step, first + replica);
            }
            Batch part = part(batch, replica * pieces + piece, replicas.shares() * pieces);
            if (part == null) {
                return null;
            }
            if (together) {
                return scaled(objective.of(output(model, part), part), factor);
            }
            double own = objective.divisor(part);
            double whole = divisor.getAsDouble();
            // Where nothing counts, the loss is what the parts' own rules say.
            double share = whole > 0 ? own / whole : (double) part.size() / size;
            if (share == 0) {
                // Others look at this share's samples, for their statistics, and wait for its replica.
                return replicas.meet() ? output(model, part).sum().mul(new Scalar(0)) : null;
            }
            return scaled(objective.of(output(model, part), part).mul(new Scalar(share)), factor);
        });
        return sum / factor;
    }

    private static Tensor scaled(Tensor loss, double factor) {
        return factor == 1 ? loss : loss.mul(torch.full_like(loss, new Scalar(factor)));
    }

    /** The same replicas, for steps of their own. */
    AsynchronousReplicas asynchronous(Optimizer optimizer, long seed) {
        return new AsynchronousReplicas(replicas, this::output, objective, optimizer, seed);
    }

    private int pieces(Batch batch) {
        int share = (batch.size() + replicas.shares() - 1) / replicas.shares();
        return config.microBatch() == 0 ? 1 : Math.max(1, (share + config.microBatch() - 1) / config.microBatch());
    }

    private Tensor output(Model model, Batch part) {
        if (config.precision() == EngineConfig.Precision.FLOAT32) {
            return model.forward(part, Mode.TRAINING);
        }
        DType type = config.precision() == EngineConfig.Precision.FLOAT16 ? DType.FLOAT16 : DType.BFLOAT16;
        Tensor output;
        try (Autocast.Guard guard = Autocast.of(device, type)) {
            output = model.forward(part, Mode.TRAINING);
        }
        return output.to(DType.FLOAT32.scalarType());
    }

    /** Gets the rows of this member's share of a batch that others keep; all must call it. */
    void fetch(Batch batch) {
        fetch.rows(batch);
    }

    /** The model for evaluation, computed by all replicas of all members; all of these must call it with the same batch. */
    Model model() {
        return members.several() ? this::gathered : ownModel();
    }

    private Tensor gathered(Batch batch, Mode mode) {
        Share share = members.share();
        if (batch.size() < share.world()) {
            fetch.rows(batch);
            return ownModel().forward(batch, mode); // quicker than telling others
        }
        Batch own = batch.part(share.from(batch.size()), share.end(batch.size()));
        fetch.rows(own);
        Tensor output = ownModel().forward(own, mode).contiguous();
        return torch.cat(new TensorVector(members.group().gather(output).toArray(Tensor[]::new)));
    }

    private Model ownModel() {
        return (batch, mode) -> {
            Tensor[] outputs = new Tensor[replicas.count()];
            replicas.run((replica, model) -> {
                Batch part = part(batch, replica, replicas.count());
                if (part != null) {
                    outputs[replica] = withoutGradients(model, part, mode);
                }
            });
            TensorVector parts = new TensorVector();
            for (Tensor output : outputs) {
                if (output != null) {
                    parts.push_back(output);
                }
            }
            return parts.size() == 1 ? parts.get(0) : torch.cat(parts);
        };
    }

    /** Gradients that have not been told to others yet are forgotten: what is saved now has no more. */
    void forget() {
        if (exchange != null) {
            exchange.forget();
        }
    }

    @Override
    public void close() {
        replicas.close();
        if (exchange != null) {
            exchange.close();
        }
    }

    private static Tensor withoutGradients(Model model, Batch part, Mode mode) {
        try (Gradients.Guard off = Gradients.off()) {
            return Device.host(model.forward(part, mode));
        }
    }

    /** One of some parts of nearly equal size. */
    private static @Nullable Batch part(Batch batch, int index, int count) {
        int from = (int) ((long) batch.size() * index / count);
        int end = (int) ((long) batch.size() * (index + 1) / count);
        return from == end ? null : batch.part(from, end);
    }
}
