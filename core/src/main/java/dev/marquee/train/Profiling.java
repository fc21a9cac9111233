package dev.marquee.train;

import dev.marquee.profile.Profile;
import dev.marquee.profile.Roof;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a training that is profiled does beside training.
 *
 * @param roof measures what the machine can do at most, when the training is over; absent to do without
 * @param reader told the figures
 */
public record Profiling(Optional<Roof.Source> roof, Consumer<Profile> reader) {}
