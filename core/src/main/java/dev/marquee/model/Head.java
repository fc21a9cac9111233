package dev.marquee.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What a classifying network returns. */
public enum Head {
    /** The last layer's numbers, as every loss of this software expects them. */
    LOGITS,
    /**
     * Probabilities: a softmax over dimension 1. With cross-entropy on top, which takes its input for logits, this is
     * the textbook form that learns slowly.
     */
    SOFTMAX;

    /**
     * Turns logits into what the network returns.
     *
     * @param logits {@code [batch, classes]}
     * @return {@code [batch, classes]}
     */
    public Tensor apply(Tensor logits) {
        return this == SOFTMAX ? torch.softmax(logits, 1) : logits;
    }
}
