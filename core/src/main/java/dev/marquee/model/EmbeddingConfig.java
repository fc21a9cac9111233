package dev.marquee.model;

import dev.marquee.config.About;
import dev.marquee.config.Range;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;
import dev.marquee.nn.RowStorage;

/**
 * The embeddings of a ranking network.
 *
 * @param size the size of an embedding
 * @param deviation the standard deviation of the first values
 * @param dropout the probability of dropping a value of an embedding in training
 * @param storage what the rows of tables are kept as
 */
public record EmbeddingConfig(
        @About("size of an embedding") @Range(atLeast = 1, atMost = 4096)
        int size,

        @About("standard deviation of the first values") @Range(atLeast = 0)
        double deviation,

        @About("probability of dropping a value of an embedding in training") @Range(atLeast = 0, below = 1)
        double dropout,

        @About("what rows are kept as: float32; float16, or int8 with a scale for each row, for less memory")
        RowStorage storage)
        implements Section {
    /** The values of absent keys. */
    public static final EmbeddingConfig DEFAULT = new EmbeddingConfig(16, 0.01, 0, RowStorage.FLOAT32);

    /** Checks the values. */
    public EmbeddingConfig {
        Sections.validate(EmbeddingConfig.class, size, deviation, dropout, storage);
    }

    /**
     * Rows kept as float32.
     *
     * @param size the size of an embedding
     * @param deviation the standard deviation of the first values
     * @param dropout the probability of dropping a value of an embedding in training
     */
    public EmbeddingConfig(int size, double deviation, double dropout) {
        this(size, deviation, dropout, RowStorage.FLOAT32);
    }
}
