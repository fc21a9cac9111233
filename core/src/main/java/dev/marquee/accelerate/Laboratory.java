package dev.marquee.accelerate;

import dev.marquee.recipe.Recipe;
import java.util.List;
import java.util.Optional;

/** Where arms are measured. */
interface Laboratory extends AutoCloseable {
    /** Looks at a recipe before anything is measured. */
    Situation look(Recipe baseline);

    /**
     * Times arms in turn, each from its first step.
     *
     * @param phase the name of this part, for progress
     * @param arms at least one
     * @param turns how many
     * @param seconds for all of it
     * @return one for each arm, in order
     */
    List<Timing> time(String phase, List<Arm> arms, int turns, double seconds);

    /**
     * Trains two recipes on as many samples with each of some seeds and compares them; what was trained before is
     * remembered.
     *
     * @return empty where there are no samples to measure on, or it was stopped
     */
    Optional<QualityChange> quality(Arm baseline, Arm candidate, long samples, int seeds);

    /** Whether to end. */
    boolean stopped();

    @Override
    void close();
}
