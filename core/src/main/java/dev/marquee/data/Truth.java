package dev.marquee.data;

/** The true probabilities of test rows, where they are known: no model can rank or predict better than these. */
@FunctionalInterface
public interface Truth {
    /**
     * Runs through the test rows.
     *
     * @param consumer told of each row, in order
     */
    void each(Row consumer);

    /** Takes what is true of a row. */
    @FunctionalInterface
    interface Row {
        /**
         * Takes a row.
         *
         * @param probabilities of each label, in the schema's order; overwritten by the next row
         * @param labels 0 or 1 each; overwritten by the next row
         * @param group within which rows are ranked against each other
         */
        void accept(double[] probabilities, double[] labels, long group);
    }
}
