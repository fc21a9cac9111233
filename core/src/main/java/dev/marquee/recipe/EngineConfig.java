package dev.marquee.recipe;

import dev.marquee.config.About;
import dev.marquee.config.Range;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;

/**
 * How the engine computes.
 *
 * @param threads threads within an operator; 0 for as many as there are cores
 */
public record EngineConfig(
        @About("threads within an operator; 0 for as many as there are cores") @Range(atLeast = 0, atMost = 1024)
        int threads)
        implements Section {
    /** The values of absent keys. */
    public static final EngineConfig DEFAULT = new EngineConfig(0);

    /** Checks the values. */
    public EngineConfig {
        Sections.validate(EngineConfig.class, threads);
    }

    /**
     * The number of threads to use on this machine.
     *
     * @return at least 1
     */
    public int effectiveThreads() {
        return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    }
}
