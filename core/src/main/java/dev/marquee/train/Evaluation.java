package dev.marquee.train;

import dev.marquee.data.Batch;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** What is measured on labelled samples, batch by batch. */
sealed interface Evaluation permits PictureEvaluation, ClickEvaluation {
    /**
     * Looks at a batch.
     *
     * @param output what the model returned in evaluation
     * @param batch the samples
     */
    void add(Tensor output, Batch batch);

    /** What was measured, by name. */
    Map<String, Double> metrics();

    /**
     * All that was measured.
     *
     * @param metrics those of this evaluation, and the loss
     */
    Measured measured(Map<String, Double> metrics);
}
