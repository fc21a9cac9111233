package dev.marquee.model;

import dev.marquee.nn.Initializer;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.Tensors;

/** A network that starts by predicting the base rate need not learn it. */
final class BaseRates {
    private static final double LOWEST = 1e-6;

    private BaseRates() {}

    /** Fills a bias {@code [labels]} with the logits of the labels' base rates. */
    static Initializer logits(FeatureLayout layout) {
        float[] logits = new float[layout.labels().size()];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) logit(layout.labels().get(i).baseRate());
        }
        return tensor -> tensor.copy_(Tensors.of(logits));
    }

    /** The logit of a rate from 0 to 1, which is taken for a little more than 0 and less than 1. */
    static double logit(double baseRate) {
        double rate = Math.min(1 - LOWEST, Math.max(LOWEST, baseRate));
        return Math.log(rate / (1 - rate));
    }
}
