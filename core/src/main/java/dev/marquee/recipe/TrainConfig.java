package dev.marquee.recipe;

import dev.marquee.config.About;
import dev.marquee.config.Range;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;

/**
 * The loop.
 *
 * @param epochs how often every training sample is seen
 * @param logEverySteps how many steps lie between two entries of the loss in the metrics file; 0 for epochs only
 */
public record TrainConfig(
        @About("how often every training sample is seen") @Range(atLeast = 1)
        int epochs,

        @About("steps between two entries of the loss in metrics.jsonl; 0 for epochs only") @Range(atLeast = 0)
        int logEverySteps)
        implements Section {
    /** The values of absent keys. */
    public static final TrainConfig DEFAULT = new TrainConfig(10, 100);

    /** Checks the values. */
    public TrainConfig {
        Sections.validate(TrainConfig.class, epochs, logEverySteps);
    }
}
