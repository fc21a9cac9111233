package dev.marquee.measure;

/**
 * Popularity as in click logs: of {@code n} values, the one of rank {@code r} comes about {@code r^-1.05} as often as the
 * first, by inverting the distribution function of the continuous law.
 */
public final class Zipf {
    static final double EXPONENT = 1.05;

    private Zipf() {}

    /**
     * A rank.
     *
     * @param uniform a number of at least 0 and below 1; equally distributed ones give ranks by Zipf's law
     * @param count how many ranks there are, at least 1
     * @return from 0 to below {@code count}
     */
    public static long rank(double uniform, int count) {
        double power = 1 - EXPONENT;
        double highest = Math.pow(count + 1.0, power);
        return Math.min(count - 1L, (long) Math.pow(1 + uniform * (highest - 1), 1 / power) - 1);
    }
}
