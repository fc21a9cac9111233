package dev.marquee.simulate;

/** Takes what is true of an impression. */
@FunctionalInterface
public interface TruthRow {
    /**
     * Takes a row.
     *
     * @param clickProbability the probability that it is clicked, given all that went before
     * @param click whether it is
     * @param conversionProbability the probability that it is clicked and that a conversion follows before the log ends
     * @param conversion whether both happen
     * @param user the user's id
     */
    void accept(double clickProbability, boolean click, double conversionProbability, boolean conversion, long user);
}
