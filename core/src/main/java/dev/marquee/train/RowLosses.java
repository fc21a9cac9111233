package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.loss.Loss;
import dev.marquee.loss.LossConfig;
import dev.marquee.loss.Reduction;
import dev.marquee.model.Model;
import dev.marquee.nn.Mode;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a model loses on each of the same samples, so that two models can be compared sample by sample. The loss of all is
 * {@code Σ losses / Σ weights}.
 *
 * @param metrics of all these samples by name, as training reports them
 * @param losses of each sample, times its weight: of all its known labels together; not to be changed
 * @param weights what each sample counts for: its weight times the number of its known labels; not to be changed
 * @param groups the samples' groups, whose samples depend on each other; empty where there are none; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // large, handed on as they are; never compared
public record RowLosses(Map<String, Double> metrics, double[] losses, double[] weights, long[] groups) {
    /** Copies the map. */
    public RowLosses {
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }

    /**
     * Measures a model on the first samples of a stream.
     *
     * @param rows how many samples at most
     */
    static RowLosses of(Model model, LossConfig loss, Evaluation evaluation, BatchStream batches, int rows) {
        Loss each = loss.create(Reduction.NONE);
        double[] losses = new double[rows];
        double[] weights = new double[rows];
        long[] groups = new long[rows];
        boolean grouped = false;
        int size = 0;
        for (Batch whole = batches.next(); whole != null && size < rows; whole = batches.next()) {
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                Batch batch = whole.part(0, Math.min(whole.size(), rows - size));
                Tensor output = model.forward(batch, Mode.EVALUATION);
                evaluation.add(output, batch);
                fill(each, output, batch, losses, weights, size);
                long[] own = batch.groups();
                grouped = own != null;
                if (own != null) {
                    System.arraycopy(own, 0, groups, size, own.length);
                }
                size += batch.size();
            }
        }
        return new RowLosses(
                evaluation.metrics(),
                Arrays.copyOf(losses, size),
                Arrays.copyOf(weights, size),
                grouped ? Arrays.copyOf(groups, size) : new long[0]);
    }

    /** The loss of all samples. */
    double mean() {
        return Arrays.stream(losses).sum() / Arrays.stream(weights).sum();
    }

    private static void fill(Loss each, Tensor output, Batch batch, double[] losses, double[] weights, int at) {
        Tensor target = batch.target();
        float[] lost;
        float[] counted;
        if (target.dim() < 2) {
            Tensor own = each.of(output, target); // [batch], or [batch, outputs]
            lost = Tensors.toFloats(own.dim() > 1 ? own.flatten(1, -1).mean(1) : own);
            counted = new float[batch.size()];
            Arrays.fill(counted, 1);
        } else {
            Tensor unknown = target.isnan();
            Tensor own = each.of(output, target.masked_fill(unknown, new Scalar(0)));
            lost = Tensors.toFloats(own.masked_fill(unknown, new Scalar(0)).sum(1)); // [batch]
            counted = Tensors.toFloats(
                    unknown.logical_not().to(DType.FLOAT32.scalarType()).sum(1));
        }
        float[] given = given(batch.weights());
        for (int i = 0; i < batch.size(); i++) {
            double weight = given == null ? 1 : given[i];
            losses[at + i] = weight * lost[i];
            weights[at + i] = weight * counted[i];
        }
    }

    private static float @Nullable [] given(@Nullable Tensor weights) {
        return weights == null ? null : Tensors.toFloats(weights.to(DType.FLOAT32.scalarType()));
    }
}
