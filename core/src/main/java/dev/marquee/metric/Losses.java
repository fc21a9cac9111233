package dev.marquee.metric;

/** The log loss of one row. */
final class Losses {
    /** 2⁻⁵², as scikit-learn clips probabilities of type float64. */
    static final double CLIP = 0x1p-52;

    private Losses() {}

    static double of(Scale scale, double score, boolean positive) {
        if (scale == Scale.LOGIT) {
            // log(1 + e^−z) for label 1 and log(1 + e^z) for label 0, without overflow or cancellation.
            double wrong = positive ? -score : score;
            return Math.max(wrong, 0) + Math.log1p(Math.exp(-Math.abs(score)));
        }
        double clipped = Math.max(CLIP, Math.min(1 - CLIP, score));
        return positive ? -Math.log(clipped) : -Math.log1p(-clipped);
    }

    /** The loss of a model that gives every row the base rate. */
    static double entropy(double positives, double negatives) {
        double weight = positives + negatives;
        return part(positives / weight) + part(negatives / weight);
    }

    private static double part(double share) {
        return share == 0 ? 0 : -share * Math.log(share);
    }
}
