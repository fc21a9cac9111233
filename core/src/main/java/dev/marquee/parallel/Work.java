package dev.marquee.parallel;

/**
 * What a replica computes without gradients.
 *
 * @param <N> the network
 */
@FunctionalInterface
public interface Work<N> {
    /**
     * Computes a share.
     *
     * @param replica whose share, from 0
     * @param network that replica's
     */
    void run(int replica, N network);
}
