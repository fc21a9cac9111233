package dev.marquee.accelerate;

import dev.marquee.measure.Interleaved.Series;
import dev.marquee.train.StepWork;
import org.jspecify.annotations.Nullable;

/**
 * What the time of an arm was.
 *
 * @param series seconds per sample, turn by turn; null where there was no turn
 * @param firstLoss the mean loss of the first steps; NaN where there were none
 * @param stateBytes weights and what the optimiser remembers
 * @param work of a step
 * @param failure why it could not be measured; null where it could
 */
record Timing(
        @Nullable Series series,
        double firstLoss,
        long stateBytes,
        StepWork work,
        @Nullable String failure) {
    static Timing failed(String reason) {
        return new Timing(null, Double.NaN, 0, StepWork.NONE, reason);
    }
}
