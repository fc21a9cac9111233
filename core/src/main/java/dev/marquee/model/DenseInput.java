package dev.marquee.model;

/** How the numbers enter a network that has a perceptron for its input. */
public enum DenseInput {
    /** Their encoded values stand beside the embeddings. */
    RAW,
    /** Each becomes an embedding, as a categorical feature does. */
    EMBEDDED
}
