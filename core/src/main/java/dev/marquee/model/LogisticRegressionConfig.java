package dev.marquee.model;

import dev.marquee.config.About;
import dev.marquee.config.Kind;
import dev.marquee.config.Sections;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import java.util.Optional;

/**
 * Logistic regression: a weight for every id and every number.
 *
 * @param initFrom a safetensors file of initial weights, loaded strictly; empty to draw them
 */
@Kind("logistic_regression")
public record LogisticRegressionConfig(
        @About("safetensors file of initial weights; every tensor must be there and fit")
        Optional<String> initFrom) implements RankingModelConfig {
    /** The values of absent keys. */
    public static final LogisticRegressionConfig DEFAULT = new LogisticRegressionConfig(Optional.empty());

    /** Checks the values. */
    public LogisticRegressionConfig {
        Sections.validate(LogisticRegressionConfig.class, initFrom);
    }

    @Override
    public String describe() {
        return "logistic regression";
    }

    @Override
    public Model create(Parameters.Path path, FeatureLayout layout) {
        return new LogisticRegression(path, layout);
    }
}
