package dev.marquee.optim;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reduces the learning rate when the validation loss has not become better, by a relative threshold, for more than
 * {@code patience} epochs in a row. Agrees with {@code torch.optim.lr_scheduler.ReduceLROnPlateau}.
 *
 * <p>It remembers {@code learning_rate}, {@code bad_epochs} and, once a loss was observed, {@code best}.
 */
public final class ReduceOnPlateau implements Schedule {
    private static final String RATE = "learning_rate";
    private static final String BAD = "bad_epochs";
    private static final String BEST = "best";

    /** Smaller changes of the rate are not made; PyTorch's number. */
    private static final double NEGLIGIBLE = 1e-8;

    private final double factor;
    private final int patience;
    private final double threshold;
    private final double minimum;

    private double rate;
    private double best = Double.POSITIVE_INFINITY;
    private long badEpochs;

    /**
     * Starts at the base rate.
     *
     * @param base the base rate, at least 0
     * @param factor what a reduction multiplies the rate by, at least 0, below 1
     * @param patience how many epochs in a row may pass without the loss becoming better, at least 0
     * @param threshold how much better, relative to the best loss so far, counts as better, at least 0
     * @param minimum the rate is never reduced below it, at least 0
     * @throws IllegalArgumentException when a number is out of range
     */
    public ReduceOnPlateau(double base, double factor, int patience, double threshold, double minimum) {
        this.rate = Checks.atLeastZero(base, "the learning rate");
        this.factor = Checks.belowOne(factor, "factor");
        this.patience = (int) Checks.atLeastZero(patience, "patience");
        this.threshold = Checks.atLeastZero(threshold, "threshold");
        this.minimum = Checks.atLeastZero(minimum, "the smallest learning rate");
    }

    @Override
    public double learningRate(long step) {
        return rate;
    }

    @Override
    public void observe(double validationLoss) {
        if (validationLoss < best * (1 - threshold)) {
            best = validationLoss;
            badEpochs = 0;
        } else {
            badEpochs++;
        }
        if (badEpochs > patience) {
            badEpochs = 0;
            double reduced = Math.max(rate * factor, minimum);
            if (rate - reduced > NEGLIGIBLE) {
                rate = reduced;
            }
        }
    }

    @Override
    public Map<String, Double> state() {
        Map<String, Double> state = new TreeMap<>();
        state.put(RATE, rate);
        state.put(BAD, (double) badEpochs);
        // Infinity is no number of JSON, in which states are saved.
        if (Double.isFinite(best)) {
            state.put(BEST, best);
        }
        return state;
    }

    @Override
    public void load(Map<String, Double> state) {
        Set<String> known = Set.of(RATE, BAD, BEST);
        Double newRate = state.get(RATE);
        Double newBad = state.get(BAD);
        if (newRate == null || newBad == null || !known.containsAll(state.keySet())) {
            throw new IllegalArgumentException("the state of reduce_on_plateau needs " + RATE + " and " + BAD
                    + ", and may have " + BEST + ", but it has " + new TreeMap<>(state).keySet());
        }
        rate = newRate;
        badEpochs = newBad.longValue();
        best = state.getOrDefault(BEST, Double.POSITIVE_INFINITY);
    }
}
