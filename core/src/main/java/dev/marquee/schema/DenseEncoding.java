package dev.marquee.schema;

/** What becomes of a number. What it needs to know of the data is learnt from the training rows only. */
public enum DenseEncoding {
    /** The number itself. */
    RAW,
    /** Mean 0 and standard deviation 1. */
    STANDARD,
    /** {@code sign(x) · log(1 + |x|)}, then mean 0 and standard deviation 1: for counts and amounts. */
    SIGNED_LOG,
    /** The share of training rows below it, between 0 and 1, linear between bins. */
    QUANTILE,
    /**
     * One value a bin: 1 for the bins below the number's, the part of the way through its own, 0 above (piecewise-linear
     * encoding, Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in tabular deep learning", 2022).
     */
    PIECEWISE_LINEAR
}
