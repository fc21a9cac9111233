package dev.marquee.parallel;

import dev.marquee.nn.Tape;
import dev.marquee.profile.Track;

/**
 * What a replica does that goes its own way, in {@link Replicas#apart}.
 *
 * @param <N> the network
 */
@FunctionalInterface
public interface Turn<N> {
    /**
     * Makes a step, without gradients at first. What it makes is freed afterwards.
     *
     * @param replica which, from 0
     * @param network that replica's
     * @param tape the thread's
     * @param track where its phases are recorded
     * @return whether there may be more to do
     */
    boolean run(int replica, N network, Tape tape, Track track);
}
