package dev.marquee.model;

import dev.marquee.config.About;
import dev.marquee.config.Range;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;

/**
 * The embeddings of a ranking network.
 *
 * @param size the size of an embedding
 * @param deviation the standard deviation of the first values
 * @param dropout the probability of dropping a value of an embedding in training
 */
public record EmbeddingConfig(
        @About("size of an embedding") @Range(atLeast = 1, atMost = 4096)
        int size,

        @About("standard deviation of the first values") @Range(atLeast = 0)
        double deviation,

        @About("probability of dropping a value of an embedding in training") @Range(atLeast = 0, below = 1)
        double dropout)
        implements Section {
    /** The values of absent keys. */
    public static final EmbeddingConfig DEFAULT = new EmbeddingConfig(16, 0.01, 0);

    /** Checks the values. */
    public EmbeddingConfig {
        Sections.validate(EmbeddingConfig.class, size, deviation, dropout);
    }
}
