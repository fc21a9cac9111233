package dev.marquee.profile;

import java.util.Locale;

/** What a training thread can be busy with. */
public enum Phase {
    /** For the next batch, and taking it over. */
    WAITING(0, Bound.NOTHING),
    /** From a batch to its loss. */
    FORWARD(1, Bound.PRODUCTS),
    /** From the loss to the gradients. */
    BACKWARD(2, Bound.PRODUCTS),
    /** Waiting for the other replicas, and summing the gradients of all. */
    EXCHANGE(3, Bound.MEMORY),
    /** The optimiser changes parameters and rows. */
    UPDATE(4, Bound.MEMORY),
    /** Evaluation, and calibration. */
    METRICS(5, Bound.PRODUCTS),
    /** Checkpoints and weights are written. */
    SAVING(6, Bound.NOTHING),
    /** What no other phase names: handing out batches, writing the metrics file, leaving a scope. */
    OTHER(7, Bound.NOTHING);

    private static final Phase[] ALL = values();

    private final int index;
    private final Bound bound;

    /** Which measured rate a phase is held against. */
    public enum Bound {
        /** The rate of matrix products. */
        PRODUCTS,
        /** The rate of copies in main memory. */
        MEMORY,
        /** None: disk, and other threads. */
        NOTHING;

        /**
         * The name in files.
         *
         * @return in small letters
         */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Phase(int index, Bound bound) {
        this.index = index;
        this.bound = bound;
    }

    /**
     * Which measured rate it is held against.
     *
     * @return what bounds it
     */
    public Bound bound() {
        return bound;
    }

    /**
     * The name in files.
     *
     * @return in small letters
     */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Its position among all, from 0. */
    int index() {
        return index;
    }

    static int count() {
        return ALL.length;
    }

    static Phase of(int index) {
        return ALL[index];
    }
}
