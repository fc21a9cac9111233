package dev.marquee.recipe;

import dev.marquee.config.About;
import dev.marquee.config.Range;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;
import java.util.List;
import java.util.Optional;

/**
 * The loop.
 *
 * @param epochs how often every training sample is seen
 * @param patience how many epochs in a row may bring nothing better on the validation samples before training stops;
 *     never where absent
 * @param logEverySteps how many steps lie between two entries of the loss in the metrics file; 0 for epochs only
 * @param tensorboard whether the same entries are also written for TensorBoard
 * @param calibration what is fitted to the validation samples when the weights are final, and then applied to all scores
 * @param freeze what keeps its first values: names of parameters and embedding tables, beginnings of names up to a dot, or
 *     names with {@code *} for any text
 */
public record TrainConfig(
        @About("how often every training sample is seen") @Range(atLeast = 1)
        int epochs,

        @About(
                "epochs in a row that may bring nothing better on the validation samples; absent: all epochs are trained")
        @Range(atLeast = 1)
        Optional<Integer> patience,

        @About("steps between two entries of the loss in metrics.jsonl; 0 for epochs only") @Range(atLeast = 0)
        int logEverySteps,

        @About("whether the entries of metrics.jsonl are also written as TensorBoard event files")
        boolean tensorboard,

        @About(
                "map from the final model's scores to the rates observed on the validation samples: none, platt (a line) or"
                        + " isotonic (any rising curve); for the rows of a log")
        Calibration calibration,

        @About(
                "parameters and embedding tables that keep their first values: names, beginnings of names up to a dot, * for"
                        + " any text; see model.init_from")
        List<String> freeze)
        implements Section {
    /** The values of absent keys. */
    public static final TrainConfig DEFAULT =
            new TrainConfig(10, Optional.empty(), 100, false, Calibration.NONE, List.of());

    /** What is done to the scores of a finished model. */
    public enum Calibration {
        /** Nothing. */
        NONE,
        /** A line through log-odds. */
        PLATT,
        /** A rising function, flat over blocks of scores. */
        ISOTONIC
    }

    /** Checks the values. */
    public TrainConfig {
        Sections.validate(TrainConfig.class, epochs, patience, logEverySteps, tensorboard, calibration, freeze);
        freeze = List.copyOf(freeze);
    }
}
