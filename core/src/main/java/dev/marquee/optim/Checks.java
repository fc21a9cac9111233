package dev.marquee.optim;

/** Checks of the numbers that optimisers and schedules take. */
final class Checks {
    private Checks() {}

    static double atLeastZero(double value, String name) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(name + " must be a finite number of at least 0, not " + value);
        }
        return value;
    }

    static double above(double value, double bound, String name) {
        if (!(value > bound) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(name + " must be a finite number above " + bound + ", not " + value);
        }
        return value;
    }

    static double belowOne(double value, String name) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(name + " must be at least 0 and below 1, not " + value);
        }
        return value;
    }
}
