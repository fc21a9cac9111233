package dev.marquee.data;

import dev.marquee.schema.FeatureSchema;

/** Where a data set's rows come from: the prepared form, or the source itself. */
sealed interface DatasetRows permits PreparedDatasetRows, StreamedDatasetRows {
    /** Nothing is learnt from the rows of validation and test, so batches can be as large as is fast. */
    int EVALUATION_BATCH = 4096;

    /** How they are read, to be added to a description. */
    String form();

    FeatureSchema schema();

    /** Identifies the training rows and their order. */
    String fingerprint();

    long trainingRows();

    BatchStream training(int epoch, int firstBatch, Share share);

    BatchStream evaluation(Part part);
}
