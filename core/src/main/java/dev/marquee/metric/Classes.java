package dev.marquee.metric;

import java.util.Optional;

/** The reasons why a measure of two classes may have no value. */
final class Classes {
    private Classes() {}

    static Optional<String> needBoth(String what, double positives, double negatives) {
        if (positives > 0 && negatives > 0) {
            return Optional.empty();
        }
        return positives > 0
                ? Optional.of(what + " needs both labels, and all are 1")
                : needPositive(what, positives, negatives);
    }

    static Optional<String> needPositive(String what, double positives, double negatives) {
        if (positives > 0) {
            return Optional.empty();
        }
        return negatives > 0 ? Optional.of(what + " needs labels of 1, and all are 0") : needRows(what, 0);
    }

    static Optional<String> needRows(String what, double weight) {
        return weight > 0
                ? Optional.empty()
                : Optional.of(what + " needs rows with a weight above 0, and there are none");
    }

    /** Throws with the reason, if there is one. */
    static void require(Optional<String> reason) {
        if (reason.isPresent()) {
            throw new IllegalStateException(reason.get());
        }
    }
}
