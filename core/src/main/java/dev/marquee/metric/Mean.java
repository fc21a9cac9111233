package dev.marquee.metric;

/** A weighted mean of numbers that come one after the other, in double precision. */
public final class Mean {
    private double sum;
    private double weight;

    /** Nothing added yet. */
    public Mean() {}

    /**
     * Adds a number.
     *
     * @param value such as the mean loss of a batch
     * @param weight what it counts for, such as the batch's size; at least 0
     * @throws IllegalArgumentException when the weight is negative or not a finite number
     */
    public void add(double value, double weight) {
        if (!(weight >= 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException("a weight must be a finite number of at least 0, not " + weight);
        }
        this.sum += value * weight;
        this.weight += weight;
    }

    /**
     * The sum of the weights.
     *
     * @return at least 0
     */
    public double weight() {
        return weight;
    }

    /**
     * The mean of what was added.
     *
     * @return Σ value × weight / Σ weight
     * @throws IllegalStateException when nothing with a weight was added
     */
    public double value() {
        if (weight == 0) {
            throw new IllegalStateException("a mean of nothing has no value: add numbers first");
        }
        return sum / weight;
    }
}
