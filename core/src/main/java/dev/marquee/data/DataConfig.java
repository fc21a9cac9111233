package dev.marquee.data;

import dev.marquee.config.Section;
import java.util.Optional;
import java.util.function.Consumer;

/** The recipe's section {@code data}: what is read, and how it becomes batches. Chosen by {@code kind}. */
public sealed interface DataConfig extends Section permits PictureDataConfig, RowDataConfig {
    /**
     * Samples in a batch of training.
     *
     * @return at least 1; the last batch of an epoch may be smaller
     */
    int batchSize();

    /**
     * Whether a part of the training data is held out for validation, or validation data are given.
     *
     * @return false when the test data serve for validation, which may then choose nothing
     */
    boolean holdsOut();

    /**
     * Finds and opens the data.
     *
     * @param seed the run's seed; it decides the order, and for pictures the split
     * @param notices told what happens on the way, such as a download
     * @return the data; close them
     * @throws DataException when they are missing or damaged
     */
    Dataset open(long seed, Consumer<String> notices);

    /**
     * The true probabilities of the test rows, where they are known.
     *
     * @return empty for all data but simulated ones
     */
    default Optional<Truth> testTruth() {
        return Optional.empty();
    }
}
