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
 */
public record CheckpointConfig(
        @About("steps between two checkpoints within an epoch; 0 for none") @Range(atLeast = 0)
        int everySteps,

        @About("how many of the latest checkpoints stay, besides the best") @Range(atLeast = 1)
        int keep,

        @About("which weights the run ends with; best needs data.validation_fraction above 0")
        Select select)
        implements Section {
    /** The values of absent keys. */
    public static final CheckpointConfig DEFAULT = new CheckpointConfig(1000, 3, Select.LAST);

    /** Which weights a run ends with. */
    public enum Select {
        /** Those of the last step. */
        LAST,
        /** Those with the smallest loss on the validation samples. */
        BEST
    }

    /** Checks the values. */
    public CheckpointConfig {
        Sections.validate(CheckpointConfig.class, everySteps, keep, select);
    }
}
