package dev.marquee.optim;

import dev.marquee.nn.Parameters;
import dev.marquee.tensor.RowSubset;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** An update rule over the trainable tensors of a network. It owns its state: close it. */
public interface Optimizer extends UpdateRule {
    /**
     * What must be saved so that a resumed run goes on exactly: moments and step counts, by name, such as
     * {@code momentum.fc1.weight}.
     *
     * @return the live tensors, not copies
     */
    Map<String, Tensor> state();

    /**
     * Which of these tensors have only some rows, where several processes share embedding tables.
     *
     * @return the rows that this process has, by name
     */
    default Map<String, RowSubset> subsets() {
        return Map.of();
    }

    /**
     * Restores what {@link #state()} gave. Strict: nothing changes unless all names and shapes fit.
     *
     * @param state tensors by name
     * @throws IllegalArgumentException listing all missing, unexpected and misshapen tensors
     */
    void load(Map<String, Tensor> state);

    /**
     * This rule for a replica, whose gradients it applies to the weights that all replicas share. Several threads do so
     * without waiting for each other: where two change a number at once, one change may be lost.
     *
     * @param replica made by {@link Parameters#replica()} of the parameters that this optimiser changes, or these
     * @return what is remembered is this optimiser's; close it before this one
     * @throws IllegalStateException when the rule remembers what does not bear lost changes
     */
    default UpdateRule replica(Parameters replica) {
        throw new IllegalStateException("replicas change weights without waiting by sgd without momentum, and rows of"
                + " tables by sgd, adagrad or rowwise_adagrad without weight decay; not by this optimiser");
    }
}
