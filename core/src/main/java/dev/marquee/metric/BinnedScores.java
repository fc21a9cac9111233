package dev.marquee.metric;

/** A histogram over log-odds: 32 bytes a bin, whatever the number of rows. */
final class BinnedScores implements ScoreStore {
    static final int BINS = 1 << 16;
    /** Log-odds below −16 or above 16 (probabilities within 1.1e-7 of 0 or 1) fall into the outermost bins. */
    static final double REACH = 16;

    private static final int FEWEST = 2;
    private static final int MOST = 1 << 24;

    private final Scale scale;
    private final double[] positive;
    private final double[] negative;
    private final double[] predicted;
    private final long[] rows;
    private final Sum weight = new Sum();

    BinnedScores(Scale scale, int bins) {
        if (bins < FEWEST || bins > MOST) {
            throw new IllegalArgumentException("bins must be from " + FEWEST + " to " + MOST + ", not " + bins);
        }
        this.scale = scale;
        positive = new double[bins];
        negative = new double[bins];
        predicted = new double[bins];
        rows = new long[bins];
    }

    @Override
    public void add(double score, boolean positive, double weight) {
        if (weight == 0) {
            return;
        }
        int bin = bin(scale.logit(score));
        if (positive) {
            this.positive[bin] += weight;
        } else {
            negative[bin] += weight;
        }
        predicted[bin] += weight * scale.probability(score);
        rows[bin]++;
        this.weight.add(weight);
    }

    @Override
    public void merge(ScoreStore other) {
        if (!(other instanceof BinnedScores binned)) {
            throw new IllegalArgumentException("a binned metric cannot be merged with an exact one: make both alike");
        }
        RowCheck.requireScale(scale, binned.scale);
        if (binned.rows.length != rows.length) {
            throw new IllegalArgumentException("a metric of " + rows.length + " bins cannot be merged with one of "
                    + binned.rows.length + ": make both alike");
        }
        for (int bin = 0; bin < rows.length; bin++) {
            positive[bin] += binned.positive[bin];
            negative[bin] += binned.negative[bin];
            predicted[bin] += binned.predicted[bin];
            rows[bin] += binned.rows[bin];
        }
        weight.merge(binned.weight);
    }

    @Override
    public double weight() {
        return weight.value();
    }

    @Override
    public boolean binned() {
        return true;
    }

    @Override
    public void sweep(boolean probabilities, Cells cells) {
        for (int bin = rows.length - 1; bin >= 0; bin--) {
            if (rows[bin] > 0) {
                cells.cell(positive[bin], negative[bin], predicted[bin], rows[bin]);
            }
        }
    }

    private int bin(double logit) {
        double place = Math.floor((logit + REACH) / (2 * REACH) * rows.length);
        return (int) Math.max(0, Math.min(rows.length - 1, place));
    }
}
