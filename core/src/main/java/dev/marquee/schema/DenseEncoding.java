package dev.marquee.schema;

/** What becomes of a number. What it needs to know of the data is learnt from the training rows only. */
public enum DenseEncoding {
    /** The number itself. */
    RAW,
    /** Mean 0 and standard deviation 1. */
    STANDARD,
    /** {@code sign(x) · log(1 + |x|)}, then mean 0 and standard deviation 1: for counts and amounts. */
    SIGNED_LOG,
    /** The share of training rows below it, half of those equal to it, between 0 and 1, linear within bins. */
    QUANTILE,
    /**
     * One value a bin: 1 for the bins below the number's, the part of the way through its own, 0 above (piecewise-linear
     * encoding, Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in tabular deep learning", 2022).
     *
     * <p>A value that more than {@code max(2 %, 1/bins)} of the training rows have, such as the 0 of most amounts, is an
     * edge of its own; the other edges are quantiles of the remaining values, so that these have bins however rare they
     * are. The same bins serve {@link #QUANTILE}.
     */
    PIECEWISE_LINEAR
}
