package dev.marquee.optim;

import java.util.Map;

/**
 * The learning rate as a function of the step. Most schedules remember nothing, so that a resumed run needs only the
 * number of its step; one that reacts to the validation loss has a state to save.
 */
@FunctionalInterface
public interface Schedule {
    /**
     * The rate of a step.
     *
     * @param step how many optimiser steps the run has taken before: 0 for the first
     * @return at least 0
     */
    double learningRate(long step);

    /**
     * Tells the validation loss, once after each epoch.
     *
     * @param validationLoss the lower, the better
     */
    default void observe(double validationLoss) {}

    /**
     * What must be saved so that a resumed run goes on exactly.
     *
     * @return finite numbers by name; empty when there is nothing to remember
     */
    default Map<String, Double> state() {
        return Map.of();
    }

    /**
     * Restores what {@link #state()} gave.
     *
     * @param state numbers by name
     * @throws IllegalArgumentException when a number is missing or unexpected
     */
    default void load(Map<String, Double> state) {
        if (!state.isEmpty()) {
            throw new IllegalArgumentException(
                    "this schedule remembers nothing, but the saved one did: " + state.keySet());
        }
    }
}
