package dev.marquee.schema;

/** What is learnt of a number. Its arrays are not copied. */
final class DenseFit {
    private final double minimum;
    private final double maximum;
    private final double mean;
    private final double deviation;
    private final double[] edges;
    private final double[] shares;
    private final boolean indicator;

    /**
     * Made of its parts.
     *
     * @param minimum the least of the training values; 0 where there are none
     * @param maximum the greatest
     * @param mean of the values; of their signed logarithms for that encoding
     * @param deviation their standard deviation (divided by n); 0 if they are all the same
     * @param edges the borders of the bins, ascending; a single one where all values are the same
     * @param shares for each edge the share of training values below it, half of those equal to it
     * @param indicator whether a further value tells that there was none
     */
    DenseFit(
            double minimum,
            double maximum,
            double mean,
            double deviation,
            double[] edges,
            double[] shares,
            boolean indicator) {
        this.minimum = minimum;
        this.maximum = maximum;
        this.mean = mean;
        this.deviation = deviation;
        this.edges = edges;
        this.shares = shares;
        this.indicator = indicator;
    }

    double minimum() {
        return minimum;
    }

    double maximum() {
        return maximum;
    }

    double mean() {
        return mean;
    }

    double deviation() {
        return deviation;
    }

    double[] edges() {
        return edges;
    }

    double[] shares() {
        return shares;
    }

    boolean indicator() {
        return indicator;
    }
}
