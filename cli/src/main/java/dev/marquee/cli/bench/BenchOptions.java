package dev.marquee.cli.bench;

import java.util.Optional;

/**
 * How to measure.
 *
 * @param threads for this side and the other, at least 1
 * @param seconds of measuring for each row and side, above 0
 * @param python an interpreter with PyTorch to compare with
 */
public record BenchOptions(int threads, double seconds, Optional<String> python) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException when one is out of range
     */
    public BenchOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
        if (!(seconds > 0 && seconds <= 3600)) {
            throw new IllegalArgumentException("seconds must be above 0 and at most 3600, not " + seconds);
        }
    }
}
