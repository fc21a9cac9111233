package dev.marquee.nn;

/** What a forward pass is for: dropout and batch norm behave differently in training. */
public enum Mode {
    /** Dropout drops; batch norm uses the batch's statistics and updates its running ones. */
    TRAINING,
    /** Dropout does nothing; batch norm uses its running statistics. */
    EVALUATION;

    /**
     * Whether this is training.
     *
     * @return true for {@link #TRAINING}
     */
    public boolean training() {
        return this == TRAINING;
    }
}
