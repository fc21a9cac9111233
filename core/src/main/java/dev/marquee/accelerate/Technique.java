package dev.marquee.accelerate;

import java.util.function.Function;

/**
 * One way to train faster: a few settings of a recipe.
 *
 * @param name a few words
 * @param explanation a sentence: what it does and when it pays
 * @param effect what it does to the numbers
 * @param proposal the settings for a situation, or why there are none
 */
public record Technique(String name, String explanation, Effect effect, Function<Situation, Proposal> proposal) {
    /** What a technique does to the numbers that are learnt. */
    public enum Effect {
        /** Nothing but the order of summation: a check of the first losses is enough. */
        ROUNDING,
        /** Another training: its quality must be measured. */
        QUALITY
    }
}
