package dev.marquee.metric;

/** A sum that keeps what rounding drops (Neumaier's compensation), so that its error does not grow with the rows. */
final class Sum {
    private double sum;
    private double lost;

    void add(double value) {
        double next = sum + value;
        lost += Math.abs(sum) >= Math.abs(value) ? (sum - next) + value : (value - next) + sum;
        sum = next;
    }

    void merge(Sum other) {
        double theirs = other.sum;
        double theirLost = other.lost;
        add(theirs);
        lost += theirLost;
    }

    double value() {
        return sum + lost;
    }
}
