package dev.marquee.train;

import dev.marquee.profile.Memory;
import dev.marquee.profile.Profile;
import dev.marquee.profile.Profiler;
import java.util.List;
import java.util.Map;

/**
 * The work of a training step, as a {@link Profile} counts it.
 *
 * @param flop operations of matrix products, forward and backward, a sample
 * @param bytes what must be read and written at least, a sample: embedding rows, gradients, parameters, moments
 */
public record StepWork(double flop, double bytes) {
    /** Where nothing was counted. */
    public static final StepWork NONE = new StepWork(0, 0);

    static StepWork of(Profiler stopped, long samples) {
        Profile profile = stopped.profile(1, null, new Memory(null, 0, Map.of(), Map.of(), List.of()));
        double gflop = profile.phases().stream().mapToDouble(Profile.Row::gflop).sum();
        double gigabytes =
                profile.phases().stream().mapToDouble(Profile.Row::gigabytes).sum();
        return new StepWork(1e9 * gflop / samples, 1e9 * gigabytes / samples);
    }
}
