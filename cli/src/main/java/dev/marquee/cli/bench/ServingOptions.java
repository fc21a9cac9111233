package dev.marquee.cli.bench;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How to measure a server.
 *
 * @param run what is served; empty for a run of the default ranking recipe, trained for a moment
 * @param rate requests a second at which latency is measured
 * @param candidates of a request
 * @param history events of a user
 * @param seconds of each measurement
 * @param even whether arrivals are evenly spaced, and not random
 * @param overload whether twice as much as it can do is asked of the server
 * @param python an interpreter with PyTorch, if any
 */
public record ServingOptions(
        Optional<Path> run,
        double rate,
        int candidates,
        int history,
        double seconds,
        boolean even,
        boolean overload,
        Optional<String> python) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException when one is out of range
     */
    public ServingOptions {
        if (!(rate > 0 && rate <= 100_000)) {
            throw new IllegalArgumentException("the rate must be above 0 and at most 100,000, not " + rate);
        }
        if (candidates < 1 || candidates > 4096) {
            throw new IllegalArgumentException("candidates must be from 1 to 4,096, not " + candidates);
        }
        if (history < 0 || history > 1024) {
            throw new IllegalArgumentException("history must be from 0 to 1,024 events, not " + history);
        }
        if (!(seconds > 0 && seconds <= 3600)) {
            throw new IllegalArgumentException("seconds must be above 0 and at most 3600, not " + seconds);
        }
    }
}
