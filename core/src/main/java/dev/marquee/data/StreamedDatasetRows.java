package dev.marquee.data;

import dev.marquee.schema.FeatureSchema;

/** Rows encoded on the way from their source to a batch, on the loader's thread. */
final class StreamedDatasetRows implements DatasetRows {
    private final RowDataset.Settings settings;
    private final RowSources sources;
    private final Preparation.Fitted fitted;
    private final RowFormat format;
    private final long seed;
    private final String fingerprint;

    StreamedDatasetRows(RowDataset.Settings settings, RowSources sources, Preparation.Fitted fitted, long seed) {
        this.settings = settings;
        this.sources = sources;
        this.fitted = fitted;
        this.format = RowFormat.of(fitted.schema());
        this.seed = seed;
        // The order is part of it: a run that began with prepared rows cannot go on exactly with these.
        this.fingerprint =
                RowSources.identify(sources.fingerprint(), fitted.schema().fingerprint(), "streamed by " + buffer());
    }

    @Override
    public String form() {
        return "";
    }

    @Override
    public FeatureSchema schema() {
        return fitted.schema();
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public long trainingRows() {
        return fitted.counts().getOrDefault(Part.TRAINING, 0L);
    }

    @Override
    public BatchStream training(int epoch, int firstBatch, Share share) {
        Ring.requireFirstBatch(firstBatch, trainingRows(), settings.batchSize());
        sources.requireUnchanged();
        return RowBatches.streamed(
                () -> new ShuffledRows(format, cursor(Part.TRAINING), trainingRows(), buffer(), seed, epoch),
                format,
                trainingRows(),
                share,
                (int) Math.min(settings.batchSize(), trainingRows()),
                firstBatch,
                settings.prefetch());
    }

    @Override
    public BatchStream evaluation(Part part) {
        sources.requireUnchanged();
        return RowBatches.streamed(() -> cursor(part), format, EVALUATION_BATCH, 0, settings.prefetch());
    }

    private RowCursor cursor(Part part) {
        return new RowCursor(fitted.schema(), sources.rows(part));
    }

    private int buffer() {
        return settings.shuffle() ? settings.shuffleBuffer() : 1;
    }
}
