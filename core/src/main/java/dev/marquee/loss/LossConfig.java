package dev.marquee.loss;

import dev.marquee.config.Section;

/** Which loss a run minimises, chosen by {@code loss.kind}. */
public sealed interface LossConfig extends Section
        permits CrossEntropyConfig, BinaryCrossEntropyConfig, MeanSquaredErrorConfig {
    /**
     * Makes the loss with another reduction than a run's.
     *
     * @param reduction how the losses of single elements become the result
     * @return the loss
     */
    Loss create(Reduction reduction);

    /**
     * Makes the loss of a run: the mean over the batch.
     *
     * @return the loss, whose result is a scalar
     */
    default Loss create() {
        return create(Reduction.MEAN);
    }
}
