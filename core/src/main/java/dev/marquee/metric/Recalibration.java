package dev.marquee.metric;

/**
 * Maps the log-odds that a model gives to such as fit what was observed. It is fitted on rows that the model has not
 * learnt from, and that nothing else is measured on.
 */
public sealed interface Recalibration permits Platt, Isotonic {
    /**
     * Maps one score.
     *
     * @param logit log-odds
     * @return log-odds; NaN for NaN
     */
    double apply(double logit);
}
