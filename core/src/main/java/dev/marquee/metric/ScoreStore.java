package dev.marquee.metric;

/** Rows by score. A cell holds the rows whose order is not told apart: one distinct score, or one bin of scores. */
sealed interface ScoreStore permits ExactScores, BinnedScores {
    /** Receives cells, from the highest scores to the lowest. */
    interface Cells {
        /**
         * One cell that is not empty.
         *
         * @param positive weight of its rows of label 1
         * @param negative weight of its rows of label 0
         * @param predicted sum of weight × probability
         * @param rows how many of a weight above 0
         */
        void cell(double positive, double negative, double predicted, long rows);
    }

    /** Adds a row that {@link RowCheck} let pass. */
    void add(double score, boolean positive, double weight);

    /** Adds the rows of a store of the same kind. */
    void merge(ScoreStore other);

    /** The sum of the weights. */
    double weight();

    /** Whether scores that differ may share a cell. */
    boolean binned();

    /** Gives all cells; their probabilities are worked out only on request. */
    void sweep(boolean probabilities, Cells cells);
}
