package dev.marquee.metric;

import java.util.Arrays;

/**
 * Isotonic regression: the rising function of the score that is nearest to the labels, by weighted squares. Rows of one
 * score are pooled first; then neighbours are pooled as long as a lower one has the higher mean (pool adjacent
 * violators; Barlow and others, Statistical inference under order restrictions, 1972). The result is flat within a block
 * of pooled scores; between the last score of a block and the first of the next, probabilities are interpolated
 * linearly over log-odds; beyond the outermost scores they stay what they are there.
 *
 * <p>With N₁ and N₀ the weights of the two labels (scaled to a mean of 1), no probability is below 1 / (N₀ + 2) or above
 * (N₁ + 1) / (N₁ + 2), the targets of {@link Platt}: a block without any click does not prove that there never will be
 * one, and a probability of 0 would cost infinitely much then. Agrees with scikit-learn's {@code IsotonicRegression}
 * with these bounds as {@code y_min} and {@code y_max} and {@code out_of_bounds="clip"}.
 *
 * <p>Takes any rising shape, and learns more by heart: give it thousands of rows. It makes scores equal that were not,
 * which moves an AUC a little.
 */
public final class Isotonic implements Recalibration {
    private final double[] logits;
    private final double[] probabilities;

    /**
     * A function by its corners.
     *
     * @param logits finite, ascending, at least one
     * @param probabilities above 0, below 1, never falling, one for each
     * @throws IllegalArgumentException when they are not so
     */
    public Isotonic(double[] logits, double[] probabilities) {
        if (logits.length == 0 || logits.length != probabilities.length) {
            throw new IllegalArgumentException(
                    "an isotonic function needs as many probabilities as logits, at least one, not "
                            + probabilities.length + " and " + logits.length);
        }
        for (int i = 0; i < logits.length; i++) {
            if (!Double.isFinite(logits[i]) || (i > 0 && logits[i] <= logits[i - 1])) {
                throw new IllegalArgumentException(
                        "logits must be finite and ascending; number " + i + " is " + logits[i]);
            }
            if (!(probabilities[i] > 0 && probabilities[i] < 1) || (i > 0 && probabilities[i] < probabilities[i - 1])) {
                throw new IllegalArgumentException("probabilities must be above 0, below 1 and never fall; number " + i
                        + " is " + probabilities[i]);
            }
        }
        this.logits = logits.clone();
        this.probabilities = probabilities.clone();
    }

    /**
     * Fits to rows.
     *
     * @param rows of both labels
     * @return the function
     * @throws IllegalStateException when there are not rows of both labels
     */
    public static Isotonic fit(LabelledScores rows) {
        LabelledScores.Pooled pooled = rows.pooled();
        int count = pooled.logits().length;
        // A stack of blocks, whose means rise.
        int[] first = new int[count];
        double[] ones = new double[count];
        double[] weight = new double[count];
        int blocks = 0;
        for (int i = 0; i < count; i++) {
            first[blocks] = i;
            ones[blocks] = pooled.positive()[i];
            weight[blocks] = pooled.positive()[i] + pooled.negative()[i];
            blocks++;
            while (blocks > 1 && ones[blocks - 2] / weight[blocks - 2] >= ones[blocks - 1] / weight[blocks - 1]) {
                blocks--;
                ones[blocks - 1] += ones[blocks];
                weight[blocks - 1] += weight[blocks];
            }
        }
        double least = 1 / (pooled.negatives() + 2);
        double most = (pooled.positives() + 1) / (pooled.positives() + 2);
        double[] corners = new double[2 * blocks];
        double[] values = new double[2 * blocks];
        int size = 0;
        for (int block = 0; block < blocks; block++) {
            int last = (block + 1 < blocks ? first[block + 1] : count) - 1;
            double value = Math.max(least, Math.min(most, ones[block] / weight[block]));
            corners[size] = pooled.logits()[first[block]];
            values[size++] = value;
            if (last > first[block]) {
                corners[size] = pooled.logits()[last];
                values[size++] = value;
            }
        }
        return new Isotonic(Arrays.copyOf(corners, size), Arrays.copyOf(values, size));
    }

    /**
     * Where the function bends.
     *
     * @return log-odds, ascending
     */
    public double[] logits() {
        return logits.clone();
    }

    /**
     * The probabilities there.
     *
     * @return one for each of {@link #logits()}
     */
    public double[] probabilities() {
        return probabilities.clone();
    }

    @Override
    public double apply(double logit) {
        return Double.isNaN(logit) ? logit : Scale.PROBABILITY.logit(probability(logit));
    }

    private double probability(double logit) {
        int found = Arrays.binarySearch(logits, logit);
        if (found >= 0) {
            return probabilities[found];
        }
        int above = -found - 1;
        if (above == 0) {
            return probabilities[0];
        }
        if (above == logits.length) {
            return probabilities[above - 1];
        }
        double share = (logit - logits[above - 1]) / (logits[above] - logits[above - 1]);
        return probabilities[above - 1] + share * (probabilities[above] - probabilities[above - 1]);
    }
}
