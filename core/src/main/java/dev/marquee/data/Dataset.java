package dev.marquee.data;

import dev.marquee.schema.FeatureSchema;
import java.util.Optional;

/** What a recipe reads, opened: samples to train on, to validate on, and to test on. */
public interface Dataset extends AutoCloseable {
    /**
     * What it is and where it lies, in words.
     *
     * @return a line of text
     */
    String description();

    /**
     * Identifies the training samples: a resumed run must see the same.
     *
     * @return a short hexadecimal text
     */
    String fingerprint();

    /**
     * The number of samples in an epoch.
     *
     * @return at least 1
     */
    long trainingSamples();

    /**
     * The training samples in the order of an epoch.
     *
     * @param epoch its number, from 1
     * @param firstBatch how many batches to leave out at the start, for a resumed run
     * @return the batches; close them
     */
    default BatchStream training(int epoch, int firstBatch) {
        return training(epoch, firstBatch, Share.ALL);
    }

    /**
     * A share of the training samples in the order of an epoch: as many batches as there are in the whole epoch, some of
     * which may be empty.
     *
     * @param epoch its number, from 1
     * @param firstBatch how many batches to leave out at the start, for a resumed run
     * @param share which rows of each batch; the rows of others are not assembled
     * @return the batches; close them
     */
    BatchStream training(int epoch, int firstBatch, Share share);

    /**
     * The samples that are measured after each epoch.
     *
     * @return the batches; close them
     */
    BatchStream validation();

    /**
     * Whether the validation samples are a part of the training data rather than the test data: only then may they
     * choose among models.
     *
     * @return true when they were held out from training
     */
    boolean validationIsHeldOut();

    /**
     * The samples that nothing is chosen by.
     *
     * @return the batches; close them
     */
    BatchStream test();

    /**
     * How rows became numbers, where the data are rows of a log.
     *
     * @return the schema; empty for pictures
     */
    default Optional<FeatureSchema> schema() {
        return Optional.empty();
    }

    /** Lets go of files and memory. */
    @Override
    default void close() {}
}
