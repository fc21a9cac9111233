package dev.marquee.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What to measure on, and what besides the metrics of all samples.
 *
 * @param data what to measure on: a folder in the format of the run's pictures, or files of rows; the run's own test
 *     data where empty
 * @param slices categorical features by whose values the metrics are also given
 * @param resamples how many resamples the intervals are made of, 0 for none; a few hundred for intervals at 0.95
 */
public record EvaluationOptions(Optional<Path> data, List<String> slices, int resamples) {
    /** The run's own test data, without slices and intervals. */
    public static final EvaluationOptions DEFAULT = new EvaluationOptions(Optional.empty(), List.of(), 0);

    /** Copies the list and checks. */
    public EvaluationOptions {
        slices = List.copyOf(slices);
        if (resamples != 0 && resamples < 2) {
            throw new IllegalArgumentException("intervals need at least 2 resamples, not " + resamples);
        }
    }

    /**
     * Other data, without slices and intervals.
     *
     * @param data what to measure on
     * @return the options
     */
    public static EvaluationOptions of(Path data) {
        return new EvaluationOptions(Optional.of(data), List.of(), 0);
    }
}
