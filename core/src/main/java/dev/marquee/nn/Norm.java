package dev.marquee.nn;

/** What a perceptron puts between a linear map and its activation. */
public enum Norm {
    /** Nothing. */
    NONE,
    /** {@link BatchNorm}. */
    BATCH,
    /** {@link LayerNorm}. */
    LAYER
}
