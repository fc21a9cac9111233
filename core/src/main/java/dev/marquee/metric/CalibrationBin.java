package dev.marquee.metric;

/**
 * A point of a reliability diagram: rows of similar scores.
 *
 * @param predicted mean probability, by weight
 * @param observed share of labels 1, by weight
 * @param weight sum of the weights
 * @param rows number of rows with a weight above 0
 */
public record CalibrationBin(double predicted, double observed, double weight, long rows) {}
