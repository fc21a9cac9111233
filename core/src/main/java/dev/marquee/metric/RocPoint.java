package dev.marquee.metric;

/**
 * A point of a ROC curve.
 *
 * @param falsePositiveRate the share of labels 0 at or above some score
 * @param truePositiveRate the share of labels 1 at or above it
 */
public record RocPoint(double falsePositiveRate, double truePositiveRate) {}
