package dev.marquee.metric;

/** What the scores of a metric are. */
public enum Scale {
    /** Log-odds: any finite number. The probability is 1 / (1 + e<sup>−z</sup>). */
    LOGIT,
    /** Probabilities: from 0 to 1. */
    PROBABILITY;

    /**
     * The probability that a score stands for.
     *
     * @param score of this scale
     * @return from 0 to 1
     */
    public double probability(double score) {
        if (this == PROBABILITY) {
            return score;
        }
        // The exponential of a negative number never overflows.
        double small = Math.exp(-Math.abs(score));
        return score >= 0 ? 1 / (1 + small) : small / (1 + small);
    }

    /**
     * The log-odds that a score stands for.
     *
     * @param score of this scale
     * @return log(p / (1 − p)); infinite for a probability of 0 or 1
     */
    public double logit(double score) {
        return this == LOGIT ? score : Math.log(score) - Math.log1p(-score);
    }

    boolean allows(double score) {
        return this == LOGIT ? Double.isFinite(score) : score >= 0 && score <= 1;
    }

    String allowed() {
        return this == LOGIT ? "a score must be a finite number" : "a probability must be from 0 to 1";
    }
}
