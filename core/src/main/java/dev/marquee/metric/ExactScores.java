package dev.marquee.metric;

import java.util.Arrays;

/** Every row: 16 bytes each, up to twice that in spare room, and 24 more a row while sorting. */
final class ExactScores implements ScoreStore {
    private static final int FIRST = 1 << 10;
    private static final int MOST = Integer.MAX_VALUE - 8;

    private final Scale scale;
    private long[] keys = new long[FIRST];
    // Negative where the label is 0.
    private double[] weights = new double[FIRST];
    private int size;
    private boolean sorted = true;
    private final Sum weight = new Sum();

    ExactScores(Scale scale) {
        this.scale = scale;
    }

    @Override
    public void add(double score, boolean positive, double weight) {
        if (weight == 0) {
            return;
        }
        append(RadixSort.key(score), positive ? weight : -weight);
        this.weight.add(weight);
    }

    @Override
    public void merge(ScoreStore other) {
        if (!(other instanceof ExactScores exact)) {
            throw new IllegalArgumentException("an exact metric cannot be merged with a binned one: make both alike");
        }
        RowCheck.requireScale(scale, exact.scale);
        // Fixed before the loop, for a store may be merged with itself.
        int count = exact.size;
        for (int i = 0; i < count; i++) {
            append(exact.keys[i], exact.weights[i]);
        }
        weight.merge(exact.weight);
    }

    @Override
    public double weight() {
        return weight.value();
    }

    @Override
    public boolean binned() {
        return false;
    }

    @Override
    public void sweep(boolean probabilities, Cells cells) {
        sort();
        int end = size;
        while (end > 0) {
            long key = keys[end - 1];
            double positive = 0;
            double negative = 0;
            int start = end;
            while (start > 0 && keys[start - 1] == key) {
                start--;
                double signed = weights[start];
                if (signed > 0) {
                    positive += signed;
                } else {
                    negative -= signed;
                }
            }
            double predicted =
                    probabilities ? scale.probability(RadixSort.value(key)) * (positive + negative) : Double.NaN;
            cells.cell(positive, negative, predicted, end - start);
            end = start;
        }
    }

    private void append(long key, double signed) {
        if (size == keys.length) {
            if (size == MOST) {
                throw new IllegalStateException(
                        "an exact metric holds at most " + MOST + " rows: use the binned form, which holds any number");
            }
            int room = (int) Math.min(MOST, 2L * size);
            keys = Arrays.copyOf(keys, room);
            weights = Arrays.copyOf(weights, room);
        }
        sorted &= size == 0 || key >= keys[size - 1];
        keys[size] = key;
        weights[size] = signed;
        size++;
    }

    private void sort() {
        if (sorted) {
            return;
        }
        int[] order = RadixSort.order(keys, size);
        long[] sortedKeys = new long[keys.length];
        double[] sortedWeights = new double[keys.length];
        for (int i = 0; i < size; i++) {
            sortedKeys[i] = keys[order[i]];
            sortedWeights[i] = weights[order[i]];
        }
        keys = sortedKeys;
        weights = sortedWeights;
        sorted = true;
    }
}
