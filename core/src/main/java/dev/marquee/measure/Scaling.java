package dev.marquee.measure;

import java.util.Optional;

/**
 * What the step of one worker was measured to be, and what follows for any number of workers that have a batch of their own:
 * its arithmetic, then those sums of dense gradients that backward did not hide, then the rows of embedding tables.
 *
 * @param seconds of one worker's step, alone
 * @param denseBytes of gradients of weights that each worker has
 * @param rowBytes of gradients of rows, and their numbers, that each worker has for the others; of shared tables, where there
 *     are two workers
 * @param early the share of the bytes of gradients of weights, from 0 to 1, that travelled while backward went on
 * @param shared where workers share tables out
 * @param residentBytes memory of one worker
 */
public record Scaling(
        double seconds,
        double denseBytes,
        double rowBytes,
        double early,
        Optional<Shared> shared,
        double residentBytes) {
    /** Backward is twice the arithmetic of forward. */
    private static final double BACKWARD = 2.0 / 3;
    /** As sums travel. */
    private static final double BUCKET_BYTES = 1 << 19;
    /** What the batch counts for, and the report of the step: sums of a few numbers. */
    private static final int SMALL_SUMS = 2;
    /** How many rows each has, before the numbers of rows, and before their gradients. */
    private static final int COUNTS_OF_ROWS = 2;

    /**
     * Tables that workers share out.
     *
     * @param bytes of all of them, and of what the optimiser remembers of them
     */
    public record Shared(double bytes) {}

    /**
     * A step of some workers.
     *
     * @param workers how many
     * @param seconds of the step
     * @param sums seconds of it in which sums of dense gradients are waited for
     * @param rows seconds of it for rows
     * @param treeSeconds of the step if sums went by a tree, instead of round a ring as they do
     * @param efficiency one worker's time as a share of the step's, from 0 to 1
     * @param residentBytes memory of each
     */
    public record Prediction(
            int workers,
            double seconds,
            double sums,
            double rows,
            double treeSeconds,
            double efficiency,
            double residentBytes) {}

    /**
     * Predicts.
     *
     * @param workers at least 1
     * @param network between them
     * @param slowdown how many times as long the arithmetic takes as for one worker alone, 1 where every worker has cores of
     *     its own
     * @return the step
     */
    public Prediction predict(int workers, Network network, double slowdown) {
        double compute = seconds * slowdown;
        if (workers == 1) {
            return new Prediction(1, compute, 0, 0, compute, 1 / slowdown, residentBytes);
        }
        double buckets = Math.ceil(denseBytes / BUCKET_BYTES);
        double small = SMALL_SUMS * network.ring(0, workers);
        double sums = small + waited(compute, buckets * network.ring(denseBytes / Math.max(1, buckets), workers));
        double trees = small + waited(compute, buckets * network.tree(denseBytes / Math.max(1, buckets), workers));
        double rows = rowBytes == 0 ? 0 : shared.isPresent() ? exchanged(workers, network) : gathered(workers, network);
        double all = compute + sums + rows;
        return new Prediction(
                workers,
                all,
                sums,
                rows,
                compute + trees + rows,
                seconds / all,
                shared.map(tables -> residentBytes - tables.bytes() * (1 - 1.0 / workers))
                        .orElse(residentBytes + rowBytes * (workers - 1)));
    }

    /** Every worker gets the rows of all. */
    private double gathered(int workers, Network network) {
        return network.gather(rowBytes, workers)
                + COUNTS_OF_ROWS * network.ring(0, workers)
                + network.gather(0, workers);
    }

    /**
     * Rows are asked for, come, and their gradients go back to the owners: as many bytes both ways. Of two workers each has
     * half of all for the other.
     */
    private double exchanged(int workers, Network network) {
        double there = network.exchange(2 * rowBytes, workers) + network.exchange(0, workers);
        return 2 * (there + COUNTS_OF_ROWS * network.ring(0, workers));
    }

    /** What backward does not hide of a time: all that goes after it, and what it is too short for. */
    private double waited(double compute, double time) {
        return Math.max((1 - early) * time, time - BACKWARD * compute);
    }
}
