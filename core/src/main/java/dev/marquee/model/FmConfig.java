package dev.marquee.model;

import dev.marquee.config.About;
import dev.marquee.config.Kind;
import dev.marquee.config.Sections;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import java.util.Optional;

/**
 * A factorisation machine: a weight for every feature, and an embedding, whose products tell what two features do
 * together.
 *
 * @param embedding the embeddings
 * @param initFrom a safetensors file of initial weights, loaded strictly; empty to draw them
 */
@Kind("fm")
public record FmConfig(
        @About("the embeddings") EmbeddingConfig embedding,

        @About("safetensors file of initial weights; every tensor must be there and fit")
        Optional<String> initFrom)
        implements RankingModelConfig {
    /** The values of absent keys. */
    public static final FmConfig DEFAULT = new FmConfig(EmbeddingConfig.DEFAULT, Optional.empty());

    /** Copies and checks. */
    public FmConfig {
        Sections.validate(FmConfig.class, embedding, initFrom);
    }

    @Override
    public String describe() {
        return "factorization machine, embeddings of " + embedding.size();
    }

    @Override
    public Model create(Parameters.Path path, FeatureLayout layout) {
        return new Fm(path, layout, this);
    }
}
