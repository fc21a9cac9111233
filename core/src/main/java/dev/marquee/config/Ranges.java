package dev.marquee.config;

import java.math.BigDecimal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a {@link Range} allows, as a test and in words. */
final class Ranges {
    private Ranges() {}

    /** What is wrong with a number, which is shown as it was written; empty if nothing is. */
    static Optional<String> fault(String shown, Number number, @Nullable Range range) {
        double value = number.doubleValue();
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Optional.of(shown + " is not a finite number");
        }
        boolean allowed = range == null
                || (value >= range.atLeast()
                        && (value > range.above() || range.above() == Double.NEGATIVE_INFINITY)
                        && value <= range.atMost()
                        && (value < range.below() || range.below() == Double.POSITIVE_INFINITY));
        return allowed ? Optional.empty() : Optional.of(shown + " is not " + words(range, !(number instanceof Double)));
    }

    /** The range in words that fit after "is not"; empty when every number is allowed. */
    static String words(@Nullable Range range, boolean whole) {
        if (range == null) {
            return "";
        }
        boolean aboveBinds = range.above() >= range.atLeast() && range.above() != Double.NEGATIVE_INFINITY;
        boolean belowBinds = range.below() <= range.atMost() && range.below() != Double.POSITIVE_INFINITY;
        double low = aboveBinds ? range.above() : range.atLeast();
        double high = belowBinds ? range.below() : range.atMost();
        if (whole) { // above 0 and at least 1 are the same
            return words(
                    aboveBinds ? Math.floor(low) + 1 : low,
                    false,
                    belowBinds ? Math.ceil(high) - 1 : high,
                    false,
                    true);
        }
        return words(low, aboveBinds, high, belowBinds, false);
    }

    /** A number as a person writes it: 1 rather than 1.0. */
    static String shown(Number number) {
        if (!(number instanceof Double value) || value.isNaN() || value.isInfinite()) {
            return number.toString();
        }
        String text = Double.toString(value);
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return new BigDecimal(text).toBigInteger().toString();
        }
        return text;
    }

    private static String words(double low, boolean lowOpen, double high, boolean highOpen, boolean whole) {
        String from = shown(low);
        String to = shown(high);
        if (high == Double.POSITIVE_INFINITY) {
            if (low == Double.NEGATIVE_INFINITY) {
                return "";
            }
            boolean positive = whole ? low == 1 : low == 0 && lowOpen;
            return positive ? "a positive number" : lowOpen ? "more than " + from : from + " or more";
        }
        if (low == Double.NEGATIVE_INFINITY) {
            return highOpen ? "less than " + to : to + " or less";
        }
        if (!lowOpen && !highOpen) {
            return "between " + from + " and " + to;
        }
        return (lowOpen ? "more than " : "at least ") + from + " and " + (highOpen ? "less than " : "at most ") + to;
    }
}
