package dev.marquee.metric;

import java.util.Arrays;
import java.util.Optional;

/**
 * Log-odds, labels and weights of rows, to fit a {@link Recalibration} on: 16 bytes each, up to twice that in spare
 * room, and 56 more a row while fitting. When there are more rows than may be held, every second one is let go, and from
 * then on only every second one is taken, then every fourth and so on: what stays is spread evenly over all rows.
 */
public final class LabelledScores {
    private static final int FIRST = 1 << 10;
    private static final int FEWEST = 2;

    private final int capacity;
    private final RowCheck check = new RowCheck(Scale.LOGIT);
    private double[] logits = new double[FIRST];
    // Negative where the label is 0.
    private double[] weights = new double[FIRST];
    private int size;
    private long seen;
    private long stride = 1;
    private double positive;
    private double negative;

    /**
     * Holds nothing yet.
     *
     * @param capacity how many rows are held at most, at least 2
     */
    public LabelledScores(int capacity) {
        if (capacity < FEWEST) {
            throw new IllegalArgumentException("at least " + FEWEST + " rows must be held, not " + capacity);
        }
        this.capacity = capacity;
    }

    /**
     * The distinct scores, ascending, with the weights of their rows of either label; weights are scaled to a mean of 1.
     *
     * @param logits distinct, ascending
     * @param positive weight of the rows of label 1 at each score
     * @param negative weight of the rows of label 0 at each score
     * @param positives their sum
     * @param negatives their sum
     */
    @SuppressWarnings("ArrayRecordComponent") // handed from one method to the next; never compared
    record Pooled(double[] logits, double[] positive, double[] negative, double positives, double negatives) {}

    /**
     * Adds a row.
     *
     * @param logit a finite number
     * @param label 0 or 1
     * @param weight what the row counts for: finite, at least 0
     * @throws IllegalArgumentException naming the row (the first is row 1) and the value that is not allowed
     */
    public void add(double logit, double label, double weight) {
        check.next(logit, label, weight);
        if (weight == 0) {
            return;
        }
        long number = seen++;
        if (size == capacity && number % stride == 0) {
            thin();
        }
        if (number % stride != 0) {
            return;
        }
        if (size == logits.length) {
            int room = (int) Math.min(capacity, 2L * size);
            logits = Arrays.copyOf(logits, room);
            weights = Arrays.copyOf(weights, room);
        }
        logits[size] = logit;
        weights[size] = label == 1 ? weight : -weight;
        size++;
        if (label == 1) {
            positive += weight;
        } else {
            negative += weight;
        }
    }

    /**
     * The number of rows held.
     *
     * @return those of weight 0, and those let go, left out
     */
    public int rows() {
        return size;
    }

    /**
     * Why nothing can be fitted.
     *
     * @return the reason; empty when there are rows of both labels
     */
    public Optional<String> undefined() {
        return Classes.needBoth("calibration", positive, negative);
    }

    /**
     * The expected calibration error of the rows held, as {@link Calibration#expectedError()}.
     *
     * @param map applied to each score first
     * @return from 0 to 1
     * @throws IllegalStateException when no rows are held
     */
    public double expectedError(Recalibration map) {
        Calibration calibration = Calibration.exact(Scale.LOGIT);
        for (int i = 0; i < size; i++) {
            calibration.add(map.apply(logits[i]), weights[i] > 0 ? 1 : 0, Math.abs(weights[i]));
        }
        return calibration.expectedError();
    }

    /**
     * Pools rows of one score.
     *
     * @throws IllegalStateException when there are not rows of both labels
     */
    Pooled pooled() {
        Classes.require(undefined());
        long[] keys = new long[size];
        Sum sum = new Sum();
        for (int i = 0; i < size; i++) {
            keys[i] = RadixSort.key(logits[i]);
            sum.add(Math.abs(weights[i]));
        }
        double unit = size / sum.value();
        int[] order = RadixSort.order(keys, size);
        double[] distinct = new double[size];
        double[] ones = new double[size];
        double[] zeros = new double[size];
        Sum positives = new Sum();
        Sum negatives = new Sum();
        int count = 0;
        for (int i = 0; i < size; i++) {
            int row = order[i];
            if (i == 0 || keys[row] != keys[order[i - 1]]) {
                distinct[count++] = RadixSort.value(keys[row]);
            }
            double weight = Math.abs(weights[row]) * unit;
            if (weights[row] > 0) {
                ones[count - 1] += weight;
                positives.add(weight);
            } else {
                zeros[count - 1] += weight;
                negatives.add(weight);
            }
        }
        return new Pooled(
                Arrays.copyOf(distinct, count),
                Arrays.copyOf(ones, count),
                Arrays.copyOf(zeros, count),
                positives.value(),
                negatives.value());
    }

    private void thin() {
        int kept = 0;
        positive = 0;
        negative = 0;
        for (int i = 0; i < size; i += 2) {
            logits[kept] = logits[i];
            weights[kept] = weights[i];
            positive += Math.max(weights[i], 0);
            negative += Math.max(-weights[i], 0);
            kept++;
        }
        size = kept;
        stride *= 2;
    }
}
