package dev.marquee.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Times alternatives in turn, A B A B …, so that a machine that slows down or is shared hits all of them alike. The
 * comparison that holds is the ratio within a turn; its spread over the turns says how far to trust it.
 */
public final class Interleaved {
    private Interleaved() {}

    /**
     * Times every alternative once in each turn.
     *
     * @param alternatives at least one
     * @param warmups turns that are not counted, at least 0
     * @param turns turns that are, at least 1
     * @param pauseMillis the rest before each measurement, so that threads of the one before stop spinning
     * @return a series for each alternative, in the order given
     * @throws IllegalArgumentException when there is no alternative or no turn
     * @throws InterruptedException when the thread is interrupted during a pause
     * @param <X> what an alternative may throw
     */
    public static <X extends Exception> List<Series> run(
            List<Alternative<X>> alternatives, int warmups, int turns, long pauseMillis)
            throws X, InterruptedException {
        return run(alternatives, warmups, turns, pauseMillis, () -> true);
    }

    /**
     * As {@link #run(List, int, int, long)}, for measurements that may be cut short.
     *
     * @param alternatives at least one
     * @param warmups turns that are not counted, at least 0
     * @param turns turns that are, at least 1
     * @param pauseMillis the rest before each measurement
     * @param goOn asked before each measurement; what belongs to a turn that was not finished is left out
     * @return a series for each alternative, in the order given; no series where no turn was finished
     * @throws IllegalArgumentException when there is no alternative or no turn
     * @throws InterruptedException when the thread is interrupted during a pause
     * @param <X> what an alternative may throw
     */
    public static <X extends Exception> List<Series> run(
            List<Alternative<X>> alternatives, int warmups, int turns, long pauseMillis, BooleanSupplier goOn)
            throws X, InterruptedException {
        if (alternatives.isEmpty() || turns < 1 || warmups < 0) {
            throw new IllegalArgumentException("interleaved timing needs an alternative and a turn, not "
                    + alternatives.size() + " alternatives, " + turns + " turns and " + warmups + " warm-up turns");
        }
        double[][] seconds = new double[alternatives.size()][turns];
        int finished = 0;
        for (int turn = -warmups; turn < turns; turn++) {
            for (int i = 0; i < seconds.length; i++) {
                if (!goOn.getAsBoolean()) {
                    return series(alternatives, seconds, finished);
                }
                if (pauseMillis > 0) {
                    Thread.sleep(pauseMillis);
                }
                double taken = alternatives.get(i).timed().seconds();
                if (turn >= 0) {
                    seconds[i][turn] = taken;
                }
            }
            finished = turn + 1;
        }
        return series(alternatives, seconds, finished);
    }

    private static <X extends Exception> List<Series> series(
            List<Alternative<X>> alternatives, double[][] seconds, int turns) {
        List<Series> series = new ArrayList<>();
        for (int i = 0; i < seconds.length && turns > 0; i++) {
            series.add(new Series(alternatives.get(i).name(), Arrays.copyOf(seconds[i], turns)));
        }
        return List.copyOf(series);
    }

    /**
     * Something to time.
     *
     * @param <X> what it may throw
     */
    @FunctionalInterface
    public interface Timed<X extends Exception> {
        /**
         * Does the work once and tells how long it took.
         *
         * @return seconds
         * @throws X when the work fails
         */
        double seconds() throws X;
    }

    /**
     * One of the things compared.
     *
     * @param name how reports call it
     * @param timed the work
     * @param <X> what it may throw
     */
    public record Alternative<X extends Exception>(String name, Timed<X> timed) {}

    /** The measurements of one alternative, turn by turn. */
    public static final class Series {
        private final String name;
        private final double[] seconds;

        /**
         * Measurements made elsewhere.
         *
         * @param name how reports call the alternative
         * @param seconds turn by turn
         */
        public Series(String name, double... seconds) {
            this.name = name;
            this.seconds = seconds.clone();
        }

        /**
         * The alternative's name.
         *
         * @return as given
         */
        public String name() {
            return name;
        }

        /**
         * The seconds taken, turn by turn.
         *
         * @return a copy
         */
        public double[] turns() {
            return seconds.clone();
        }

        /**
         * The seconds taken.
         *
         * @return their spread over the turns
         */
        public Spread seconds() {
            return Spread.of(seconds);
        }

        /**
         * How many times faster this alternative is than another, measured in the same turns.
         *
         * @param other from the same run
         * @return above 1 where this one is faster
         * @throws IllegalArgumentException when the numbers of turns differ
         */
        public Ratio fasterThan(Series other) {
            return new Ratio(other.seconds().median() / seconds().median(), Spread.of(ratios(other)));
        }

        /**
         * How many times faster this alternative is than another, in each turn.
         *
         * @param other from the same run
         * @return turn by turn, above 1 where this one is faster
         * @throws IllegalArgumentException when the numbers of turns differ
         */
        public double[] ratios(Series other) {
            if (seconds.length != other.seconds.length) {
                throw new IllegalArgumentException("series of " + seconds.length + " and " + other.seconds.length
                        + " turns were not measured together");
            }
            double[] ratios = new double[seconds.length];
            Arrays.setAll(ratios, turn -> other.seconds[turn] / seconds[turn]);
            return ratios;
        }
    }

    /**
     * A comparison.
     *
     * @param ofMedians the ratio of the two medians
     * @param pairwise the ratios turn by turn
     */
    public record Ratio(double ofMedians, Spread pairwise) {}
}
