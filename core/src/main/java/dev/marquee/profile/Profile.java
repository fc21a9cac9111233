package dev.marquee.profile;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the time of a training went, from its start or resumption to its end.
 *
 * @param seconds all of it
 * @param steps how many steps were made
 * @param samples how many samples they saw
 * @param threads how many threads the training used
 * @param step the time of a step, without waiting for its batch
 * @param phases what the thread that leads the training was busy with; their seconds add up to all
 * @param replicas the same of each replica
 * @param roof what the machine can do at most, measured afterwards; null where it was not
 * @param memory what was kept
 * @param heapBytesPerStep how many bytes of Java objects the training threads make in a step: the middle of all steps
 * @param tracedSteps how many steps, from the first on, are in the trace
 */
public record Profile(
        double seconds,
        long steps,
        long samples,
        int threads,
        Times step,
        List<Row> phases,
        List<Lane> replicas,
        @Nullable Roof roof,
        Memory memory,
        double heapBytesPerStep,
        long tracedSteps) {
    /** Copies. */
    public Profile {
        phases = List.copyOf(phases);
        replicas = List.copyOf(replicas);
    }

    /**
     * How long something took, each time.
     *
     * @param count how many times
     * @param mean milliseconds
     * @param median milliseconds
     * @param p99 what 99 of 100 do not exceed, milliseconds
     */
    public record Times(long count, double mean, double median, double p99) {
        static Times of(Durations nanos) {
            return new Times(nanos.count(), nanos.mean() / 1e6, nanos.quantile(0.5) / 1e6, nanos.quantile(0.99) / 1e6);
        }
    }

    /**
     * A phase.
     *
     * @param phase its name
     * @param seconds its time
     * @param share of all the time, from 0 to 1
     * @param milliseconds its time in each step that it was a part of; evaluation and saving fall between steps
     * @param gflop work of all replicas, in 10⁹ operations of matrix products
     * @param gflopPerSecond the rate
     * @param gigabytes what all replicas had to move at least, of rows, gradients, parameters and moments
     * @param gigabytesPerSecond the rate
     * @param bound which measured rate it is held against: {@code products}, {@code memory} or {@code nothing}
     * @param percentOfRoof per cent of that rate; null where nothing was measured or counted
     */
    public record Row(
            String phase,
            double seconds,
            double share,
            Times milliseconds,
            double gflop,
            double gflopPerSecond,
            double gigabytes,
            double gigabytesPerSecond,
            String bound,
            @Nullable Double percentOfRoof) {}

    /**
     * One replica.
     *
     * @param replica its number; 0 leads
     * @param forward seconds
     * @param backward seconds
     * @param gflop its share of the work of both
     */
    public record Lane(int replica, double forward, double backward, double gflop) {}
}
