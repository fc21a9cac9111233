package dev.marquee.serving;

import java.util.Arrays;
import java.util.List;

/** What the candidates of a request scored: probabilities, calibrated if the run is. */
public final class Scores {
    private final List<String> labels;
    private final int rows;
    private final float[] probabilities;

    /**
     * Made of an array.
     *
     * @param labels what is predicted
     * @param rows how many candidates there are
     * @param probabilities {@code [rows, labels]}, row by row; not copied
     */
    Scores(List<String> labels, int rows, float[] probabilities) {
        this.labels = labels;
        this.rows = rows;
        this.probabilities = probabilities;
    }

    /**
     * What is predicted.
     *
     * @return the labels' names; the first is what candidates are ordered by
     */
    public List<String> labels() {
        return labels;
    }

    /**
     * The number of candidates.
     *
     * @return at least 1
     */
    public int rows() {
        return rows;
    }

    /**
     * A probability.
     *
     * @param row the candidate, from 0
     * @param label the position of the label
     * @return between 0 and 1
     */
    public float probability(int row, int label) {
        return probabilities[row * labels.size() + label];
    }

    /**
     * The probabilities of one label.
     *
     * @param label the position of the label
     * @return one a candidate, in the order of the request
     */
    public float[] probabilities(int label) {
        float[] values = new float[rows];
        for (int row = 0; row < rows; row++) {
            values[row] = probability(row, label);
        }
        return values;
    }

    /**
     * The candidates from the best to the worst, by the first label.
     *
     * @return their positions in the request; of equal ones the earlier first
     */
    public int[] order() {
        long[] keys = new long[rows];
        for (int row = 0; row < rows; row++) {
            int bits = Float.floatToIntBits(-probability(row, 0));
            int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE); // of the same order as the numbers
            keys[row] = (long) ascending << Integer.SIZE | row;
        }
        Arrays.sort(keys);
        int[] order = new int[rows];
        for (int i = 0; i < rows; i++) {
            order[i] = (int) keys[i];
        }
        return order;
    }

    @Override
    public String toString() {
        return labels + " " + Arrays.toString(probabilities);
    }
}
