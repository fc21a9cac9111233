package dev.marquee.cli.bench;

/**
 * How long workers are timed, in turns.
 *
 * @param threads of each worker
 * @param seconds of measuring for each of what is compared, above 0
 */
public record Timing(int threads, double seconds) {
    private static final double LONGEST_TURN_SECONDS = 0.5;
    private static final double LONGEST_SECONDS = 3600;
    private static final int FEWEST_TURNS = 3;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException when one is out of range
     */
    public Timing {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
        if (!(seconds > 0 && seconds <= LONGEST_SECONDS)) {
            throw new IllegalArgumentException("seconds must be above 0 and at most 3600, not " + seconds);
        }
    }

    /** How many seconds a turn of one side takes. */
    double turn() {
        return Math.min(LONGEST_TURN_SECONDS, seconds);
    }

    /** How many turns each side has. */
    int turns() {
        return Math.max(FEWEST_TURNS, (int) Math.round(seconds / turn()));
    }
}
