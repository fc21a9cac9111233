package dev.marquee.cli.bench;

import java.util.Map;

/** A training step to be timed, with its data. It owns native memory: close it. */
interface Workload extends AutoCloseable {
    /** The row's name. */
    String name();

    /** Samples that a step learns from. */
    long samples();

    /** Floating-point operations of a step, see {@link Flops}. */
    double flops();

    /** The same work in the words of {@code peer.py}, without the number of steps. */
    Map<String, Object> request();

    /** Does one step: forward, loss, backward, update. */
    void step();

    @Override
    void close();
}
