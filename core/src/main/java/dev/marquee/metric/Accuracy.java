package dev.marquee.metric;

import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The share of samples whose highest output is that of their label. Of equal outputs, the first counts. */
public final class Accuracy {
    private long correct;
    private long total;

    /** Nothing added yet. */
    public Accuracy() {}

    /**
     * Adds a batch.
     *
     * @param output logits or probabilities, {@code [batch, classes]}
     * @param target class indices, {@code [batch]} int64
     * @throws IllegalArgumentException when shapes or types do not fit
     */
    public void add(Tensor output, Tensor target) {
        if (output.dim() != 2
                || target.dim() != 1
                || output.size(0) != target.size(0)
                || target.scalar_type().value != torch.ScalarType.Long.value) {
            throw new IllegalArgumentException("accuracy needs outputs [batch, classes] and targets [batch] INT64:"
                    + " outputs are " + Tensors.describe(output) + ", targets are " + Tensors.describe(target));
        }
        if (target.numel() == 0) {
            return;
        }
        try (Scope scope = Scope.open()) {
            correct += output.detach()
                    .argmax(new LongOptional(1), false)
                    .eq(target)
                    .sum()
                    .item_long();
            total += target.size(0);
        }
    }

    /**
     * The number of samples that were right.
     *
     * @return at most {@link #total()}
     */
    public long correct() {
        return correct;
    }

    /**
     * The number of samples added.
     *
     * @return at least 0
     */
    public long total() {
        return total;
    }

    /**
     * The share of right samples.
     *
     * @return from 0 to 1
     * @throws IllegalStateException when no sample was added
     */
    public double value() {
        if (total == 0) {
            throw new IllegalStateException("the accuracy of no samples has no value: add a batch first");
        }
        return (double) correct / (double) total;
    }
}
