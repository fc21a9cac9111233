package dev.marquee.data;

/** The collections of pictures that are found, or fetched, by name. */
public enum DataSource {
    /** Zalando's pictures of clothes: 60,000 + 10,000 of 28 × 28 in 10 classes (arXiv:1708.07747). */
    FASHION_MNIST
}
