package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.model.Model;
import dev.marquee.nn.Mode;
import dev.marquee.parallel.Replicas;
import dev.marquee.tensor.Draws;
import dev.marquee.tensor.Gradients;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The replicas of a model at work on one batch, of which each has a share of nearly equal size. */
final class SharedBatch implements AutoCloseable {
    private final Replicas<Model> replicas;
    private final Objective objective;

    SharedBatch(Replicas<Model> replicas, Objective objective) {
        this.replicas = replicas;
        this.objective = objective;
    }

    /**
     * Computes the gradients of a training step. They are valid in the open scope, until the next call.
     *
     * @param seed the run's seed
     * @param step the step's number
     * @return the loss of the batch
     */
    double gradients(Batch batch, long seed, long step) {
        double whole = replicas.count() == 1 ? 1 : objective.divisor(batch);
        return replicas.gradients((replica, model) -> {
            Draws.seed(seed, step, replica);
            Batch part = part(batch, replica);
            if (part == null) {
                return null;
            }
            double share = 1;
            if (replicas.count() > 1) {
                // Where nothing counts, the loss is what the parts' own rules say.
                share = whole > 0 ? objective.divisor(part) / whole : (double) part.size() / batch.size();
                if (share == 0) {
                    return null;
                }
            }
            Tensor loss = objective.of(model.forward(part, Mode.TRAINING), part);
            return share == 1 ? loss : loss.mul(new Scalar(share));
        });
    }

    /** The model for evaluation, computed by all replicas. */
    Model model() {
        return (batch, mode) -> {
            Tensor[] outputs = new Tensor[replicas.count()];
            replicas.run((replica, model) -> {
                Batch part = part(batch, replica);
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

    private @Nullable Batch part(Batch batch, int replica) {
        int from = start(batch, replica);
        int end = start(batch, replica + 1);
        return from == end ? null : batch.part(from, end);
    }

    private int start(Batch batch, int replica) {
        return (int) ((long) batch.size() * replica / replicas.count());
    }
}
