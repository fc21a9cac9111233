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
            double rate =
                    Math.min(1 - LOWEST, Math.max(LOWEST, layout.labels().get(i).baseRate()));
            logits[i] = (float) Math.log(rate / (1 - rate));
        }
        return tensor -> tensor.copy_(Tensors.of(logits));
    }
}
