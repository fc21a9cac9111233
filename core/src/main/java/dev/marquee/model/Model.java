package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.Mode;
import org.bytedeco.pytorch.Tensor;

/** A network. It returns logits (unless its head says otherwise); the loss lives outside. */
@FunctionalInterface
public interface Model {
    /**
     * Computes the outputs of a batch.
     *
     * @param batch what the model's data gives
     * @param mode whether this is training
     * @return outputs, {@code [batch, ...]}, in the open scope
     */
    Tensor forward(Batch batch, Mode mode);
}
