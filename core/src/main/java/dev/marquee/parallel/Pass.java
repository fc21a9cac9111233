package dev.marquee.parallel;

import dev.marquee.nn.Tape;

/**
 * How a replica gets its gradients.
 *
 * @param <N> the network
 */
@FunctionalInterface
public interface Pass<N> {
    /**
     * Computes forward and, by {@link Tape#backward}, backward.
     *
     * @param replica whose share, from 0
     * @param network that replica's
     * @param tape the thread's
     * @return the loss
     */
    double run(int replica, N network, Tape tape);
}
