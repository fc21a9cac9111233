package dev.marquee.parallel;

import dev.marquee.nn.GradientListener;
import java.util.function.IntConsumer;

/** Brings the dense gradients of all members together. A step starts it, and ends it. */
sealed interface DenseExchange extends GradientListener permits BucketExchange, CompressedExchange {
    /** A step begins. */
    void begin();

    /**
     * All gradients are there: starts what was not started yet.
     *
     * @param defined told of each parameter that has one, by its position
     */
    void start(IntConsumer defined);

    /** Whether gradients came after they had been sent: when one member says so, all {@link #repeat()}. */
    boolean late();

    /** How many bytes each member has for the others in a step. */
    long bytes();

    /** How many of them have their sums already. */
    long arrived();

    /** Waits for the sums. */
    void await();

    /** Sends what came late, and adds it to the sums. */
    void repeat();

    /** What is kept for the next step is dropped. */
    void forget();
}
