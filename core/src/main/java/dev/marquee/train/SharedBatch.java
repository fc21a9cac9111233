package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.model.Model;
import dev.marquee.nn.Mode;
import dev.marquee.optim.Optimizer;
import dev.marquee.parallel.Replicas;
import dev.marquee.profile.Track;
import dev.marquee.recipe.EngineConfig;
import dev.marquee.tensor.Autocast;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Draws;
import dev.marquee.tensor.Gradients;
import java.util.List;
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

    SharedBatch(Replicas<Model> replicas, Objective objective, EngineConfig config) {
        this.replicas = replicas;
        this.objective = objective;
        this.config = config;
    }

    /** How many replicas there are. */
    int replicas() {
        return replicas.count();
    }

    /** Where each replica's phases are recorded. */
    void useTracks(List<Track> tracks) {
        replicas.useTracks(tracks);
    }

    /**
     * Computes the gradients of a training step. They are valid in the open scope, until the next call.
     *
     * @param seed the run's seed
     * @param step the step's number
     * @return the loss of the batch
     */
    double gradients(Batch batch, long seed, long step) {
        int pieces = pieces(batch);
        boolean together = replicas.shares() == 1 && pieces == 1;
        double whole = together ? 1 : objective.divisor(batch);
        return replicas.gradients(pieces, (replica, piece, model) -> {
            if (piece == 0) {
                Draws.seed(seed, step, replica);
            }
            Batch part = part(batch, replica * pieces + piece, replicas.shares() * pieces);
            if (part == null) {
                return null;
            }
            if (together) {
                return objective.of(output(model, part), part);
            }
            // Where nothing counts, the loss is what the parts' own rules say.
            double share = whole > 0 ? objective.divisor(part) / whole : (double) part.size() / batch.size();
            return share == 0 ? null : objective.of(output(model, part), part).mul(new Scalar(share));
        });
    }

    /** The same replicas, for steps of their own. */
    AsynchronousReplicas asynchronous(Optimizer optimizer, long seed) {
        return new AsynchronousReplicas(replicas, this::output, objective, optimizer, seed);
    }

    private int pieces(Batch batch) {
        int share = (batch.size() + replicas.shares() - 1) / replicas.shares();
        return config.microBatch() == 0 ? 1 : (share + config.microBatch() - 1) / config.microBatch();
    }

    private Tensor output(Model model, Batch part) {
        if (config.precision() == EngineConfig.Precision.FLOAT32) {
            return model.forward(part, Mode.TRAINING);
        }
        Tensor output;
        try (Autocast.Guard guard = Autocast.bfloat16()) {
            output = model.forward(part, Mode.TRAINING);
        }
        return output.to(DType.FLOAT32.scalarType());
    }

    /** The model for evaluation, computed by all replicas. */
    Model model() {
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

    @Override
    public void close() {
        replicas.close();
    }

    private static Tensor withoutGradients(Model model, Batch part, Mode mode) {
        try (Gradients.Guard off = Gradients.off()) {
            return model.forward(part, mode);
        }
    }

    /** One of some parts of nearly equal size. */
    private static @Nullable Batch part(Batch batch, int index, int count) {
        int from = (int) ((long) batch.size() * index / count);
        int end = (int) ((long) batch.size() * (index + 1) / count);
        return from == end ? null : batch.part(from, end);
    }
}
