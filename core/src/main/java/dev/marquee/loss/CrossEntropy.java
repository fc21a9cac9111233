package dev.marquee.loss;

import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Cross-entropy of class indices and logits. For a sample with logits {@code x} and label {@code y} among {@code C}
 * classes with weights {@code w} and label smoothing {@code ε}, it is
 *
 * <pre>{@code −(1 − ε) w[y] log softmax(x)[y] − ε/C Σ_c w[c] log softmax(x)[c]}</pre>
 *
 * <p>and 0 for an ignored label. The mean is that of the samples not ignored, weighted by {@code w[y]}; it is NaN when
 * all are ignored. Agrees with {@code torch.nn.CrossEntropyLoss} on class indices.
 *
 * <p>Outputs are {@code [batch, classes]} or {@code [batch, classes, ...]} of a floating-point type, targets
 * {@code [batch]} or {@code [batch, ...]} int64; without reduction, the result has the shape of the targets.
 */
public final class CrossEntropy implements Loss {
    private final CrossEntropyConfig config;
    private final Reduction reduction;

    /**
     * Made from its config.
     *
     * @param config label smoothing, class weights, ignored label
     * @param reduction how the samples' losses become the result
     */
    public CrossEntropy(CrossEntropyConfig config, Reduction reduction) {
        this.config = config;
        this.reduction = reduction;
    }

    @Override
    public Tensor of(Tensor output, Tensor target) {
        Inputs.requireFloating(output, "cross-entropy");
        requireLabels(output, target);
        requireWeights(output);
        if (!output.is_cpu()) {
            // A GPU that is given such a label answers nothing any more.
            IllegalArgumentException fault = labelOutOfRange(output.size(1), target);
            if (fault != null) {
                throw fault;
            }
        }
        try {
            return torch.cross_entropy_loss(
                    output,
                    Inputs.beside(target, output),
                    Inputs.weights(config.classWeights(), output),
                    reduction.code(),
                    config.ignoredIndex(),
                    config.labelSmoothing());
        } catch (RuntimeException e) {
            // The engine looks at every label anyway, so a bad one is searched for only when it has complained.
            IllegalArgumentException fault = labelOutOfRange(output.size(1), target);
            if (fault == null) {
                throw e;
            }
            fault.initCause(e);
            throw fault;
        }
    }

    @Override
    public double weight(Tensor target) {
        double sum = 0;
        try (Scope scope = Scope.open()) {
            List<Double> weights = config.classWeights();
            for (long label : Tensors.toLongs(target)) {
                if (label != config.ignoredIndex()) {
                    boolean weighted = label >= 0 && label < weights.size();
                    sum += weighted ? weights.get((int) label) : 1;
                }
            }
        }
        return sum;
    }

    private static void requireLabels(Tensor output, Tensor target) {
        if (target.scalar_type().value != torch.ScalarType.Long.value) {
            throw new IllegalArgumentException("cross-entropy needs class indices of type INT64, not "
                    + Tensors.describe(target) + "; for probabilities of one class use binary cross-entropy");
        }
        long dimensions = output.dim();
        boolean fits = dimensions >= 2
                && target.dim() == dimensions - 1
                && target.size(0) == output.size(0)
                && (dimensions == 2 || restFits(output, target));
        if (!fits) {
            throw new IllegalArgumentException("cross-entropy needs outputs [batch, classes] and targets [batch], or"
                    + " [batch, classes, ...] and [batch, ...]: outputs are " + Tensors.describe(output)
                    + ", targets are " + Tensors.describe(target));
        }
    }

    private static boolean restFits(Tensor output, Tensor target) {
        long[] outputs = Tensors.shape(output);
        long[] targets = Tensors.shape(target);
        return Arrays.equals(outputs, 2, outputs.length, targets, 1, targets.length);
    }

    private void requireWeights(Tensor output) {
        int weights = config.classWeights().size();
        if (weights != 0 && weights != output.size(1)) {
            throw new IllegalArgumentException(
                    "cross-entropy has " + weights + " class weights, but the outputs " + Tensors.describe(output)
                            + " have " + output.size(1) + " classes; give one weight for each class");
        }
    }

    private @Nullable IllegalArgumentException labelOutOfRange(long classes, Tensor target) {
        try (Scope scope = Scope.open()) {
            long[] labels = Tensors.toLongs(target);
            for (int i = 0; i < labels.length; i++) {
                if ((labels[i] < 0 || labels[i] >= classes) && labels[i] != config.ignoredIndex()) {
                    return new IllegalArgumentException("label " + labels[i] + " at position " + i
                            + " of the targets is out of range: the outputs have " + classes
                            + " classes, so labels must be 0 to " + (classes - 1) + ", or " + config.ignoredIndex()
                            + " where ignored");
                }
            }
            return null;
        }
    }
}
