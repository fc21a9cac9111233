package dev.marquee.recipe;

import dev.marquee.config.About;
import dev.marquee.config.Range;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;

/**
 * What is saved, and when. A checkpoint is written at the end of each epoch as well.
 *
 * @param everySteps how many steps lie between two checkpoints within an epoch; 0 for none
 * @param keep how many of the latest checkpoints stay; the best one stays too
 * @param select which weights the run ends with
 * @param metric what tells which weights are best
 */
public record CheckpointConfig(
        @About("steps between two checkpoints within an epoch; 0 for none") @Range(atLeast = 0)
        int everySteps,

        @About("how many of the latest checkpoints stay, besides the best") @Range(atLeast = 1)
        int keep,

        @About("which weights the run ends with; best needs validation data")
        Select select,

        @About("what tells on the validation samples which weights are best: loss, auc or gauc")
        Metric metric)
        implements Section {
    /** The values of absent keys. */
    public static final CheckpointConfig DEFAULT = new CheckpointConfig(1000, 3, Select.LAST, Metric.LOSS);

    /** Which weights a run ends with. */
    public enum Select {
        /** Those of the last step. */
        LAST,
        /** The best ones on the validation samples. */
        BEST
    }

    /** What tells which weights are best. */
    public enum Metric {
        /** The loss. */
        LOSS,
        /** The area under the ROC curve, of the first label; for the rows of a log. */
        AUC,
        /** The same within groups; for the rows of a log with a group. */
        GAUC
    }

    /** Checks the values. */
    public CheckpointConfig {
        Sections.validate(CheckpointConfig.class, everySteps, keep, select, metric);
    }
}
