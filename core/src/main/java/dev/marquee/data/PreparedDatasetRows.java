package dev.marquee.data;

import dev.marquee.schema.FeatureSchema;

/** Rows from the prepared form. */
final class PreparedDatasetRows implements DatasetRows {
    /** Records of so many bytes are read in one go. */
    private static final int BLOCK = 1 << 20;

    private final RowDataset.Settings settings;
    private final PreparedStore store;
    private final long seed;
    private final String fingerprint;

    PreparedDatasetRows(RowDataset.Settings settings, RowSources sources, PreparedStore store, long seed) {
        this.settings = settings;
        this.store = store;
        this.seed = seed;
        this.fingerprint =
                RowSources.identify(sources.fingerprint(), store.manifest().schema());
    }

    @Override
    public String form() {
        return " (prepared in " + store.folder() + ")";
    }

    @Override
    public FeatureSchema schema() {
        return store.schema();
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public long trainingRows() {
        return store.rows(Part.TRAINING).rows();
    }

    @Override
    public BatchStream training(int epoch, int firstBatch, Share share) {
        if (settings.shuffle() && settings.shuffleBlocks()) {
            return RowBatches.inBlocks(
                    store.rows(Part.TRAINING),
                    store.format(),
                    new BlockOrder(shuffled(), block(), settings.shuffleBuffer(), seed, epoch),
                    share,
                    settings.batchSize(),
                    firstBatch,
                    settings.prefetch());
        }
        int[] order = settings.shuffle() ? Order.shuffled(shuffled(), seed, epoch) : null;
        return RowBatches.prepared(
                store.rows(Part.TRAINING),
                store.format(),
                order,
                share,
                settings.batchSize(),
                firstBatch,
                settings.prefetch());
    }

    @Override
    public BatchStream evaluation(Part part) {
        return RowBatches.prepared(
                store.rows(part), store.format(), null, Share.ALL, EVALUATION_BATCH, 0, settings.prefetch());
    }

    /** As many rows as the disk gives at about the cost of one. */
    private int block() {
        return Math.max(1, BLOCK / store.format().bytes());
    }

    private int shuffled() {
        long rows = trainingRows();
        // The order is an array of int; Java's arrays are a little shorter than its ints reach.
        if (rows > Integer.MAX_VALUE - 8) {
            throw new DataException(rows + " training rows are more than the " + (Integer.MAX_VALUE - 8)
                    + " that can be shuffled as a whole: use data.prepared=never, which shuffles by a buffer, or"
                    + " data.shuffle=false");
        }
        return (int) rows;
    }
}
