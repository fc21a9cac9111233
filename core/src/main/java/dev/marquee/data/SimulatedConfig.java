package dev.marquee.data;

import dev.marquee.config.About;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import dev.marquee.schema.SchemaConfig;
import dev.marquee.simulate.SimulatedParameters;
import dev.marquee.simulate.SimulatedStream;
import dev.marquee.source.FileSource;
import dev.marquee.source.RowSource;
import dev.marquee.source.SourceConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Simulated ad impressions, whose true probabilities are known: one log, in the order of time, whose first rows are for
 * training, the next for validation, the last for the test.
 *
 * @param rows impressions to train on
 * @param validationRows impressions for validation, later than those
 * @param testRows impressions for the test, later still
 * @param users how many users there are
 * @param ads how many ads there are
 * @param streamSeed decides the world and everything that happens in it
 * @param labels what is predicted
 * @param batchSize samples in a batch
 * @param shuffle whether each epoch has an order of its own
 * @param preparedPath the folder where the encoded rows are kept
 * @param prefetch batches that are assembled ahead
 */
@Kind("simulated")
public record SimulatedConfig(
        @About("impressions to train on") @Range(atLeast = 1)
        int rows,

        @About("impressions for validation, later than those") @Range(atLeast = 1)
        int validationRows,

        @About("impressions for the test, later still") @Range(atLeast = 1)
        int testRows,

        @About("users") @Range(atLeast = 1, atMost = SimulatedParameters.MOST)
        int users,

        @About("ads") @Range(atLeast = 1, atMost = SimulatedParameters.MOST)
        int ads,

        @About("decides the world and everything that happens in it")
        long streamSeed,

        @About("what is predicted: click, or click_and_conversion")
        Labels labels,

        @About("samples in a batch; the last batch of an epoch may be smaller") @Range(atLeast = 1)
        int batchSize,

        @About("whether each epoch has its own order, drawn from the seed")
        boolean shuffle,

        @About("folder where the encoded rows are kept; absent: in the user's cache")
        Optional<String> preparedPath,

        @About("batches that are assembled ahead") @Range(atLeast = 1)
        int prefetch)
        implements RowDataConfig {
    /** The values of absent keys. */
    public static final SimulatedConfig DEFAULT = new SimulatedConfig(
            1_000_000, 100_000, 100_000, 10_000, 2_000, 1, Labels.CLICK, 1024, true, Optional.empty(), 4);

    /** What is predicted. */
    public enum Labels {
        /** Whether the ad is clicked. */
        CLICK,
        /** Whether it is clicked, and whether it is clicked and a conversion follows. */
        CLICK_AND_CONVERSION
    }

    /** Checks the values. */
    public SimulatedConfig {
        Sections.validate(
                SimulatedConfig.class,
                rows,
                validationRows,
                testRows,
                users,
                ads,
                streamSeed,
                labels,
                batchSize,
                shuffle,
                preparedPath,
                prefetch);
    }

    /**
     * How rows become numbers.
     *
     * @return the schema's config, with all features of the log
     */
    public SchemaConfig schema() {
        return SimulatedSchema.of(labels);
    }

    /**
     * The rows to train on.
     *
     * @return the first of the log
     */
    public SimulatedStream trainingStream() {
        return log().rows(0, rows);
    }

    /**
     * The rows for validation.
     *
     * @return those after the training rows
     */
    public SimulatedStream validationStream() {
        return log().rows(rows, (long) rows + validationRows);
    }

    /**
     * The rows for the test.
     *
     * @return the last of the log
     */
    public SimulatedStream testStream() {
        return log().rows((long) rows + validationRows, logRows());
    }

    @Override
    public Optional<Truth> testTruth() {
        boolean both = labels == Labels.CLICK_AND_CONVERSION;
        return Optional.of(consumer -> {
            double[] probabilities = new double[both ? 2 : 1];
            double[] outcomes = new double[probabilities.length];
            testStream().truth((clickProbability, click, conversionProbability, conversion, user) -> {
                probabilities[0] = clickProbability;
                outcomes[0] = click ? 1 : 0;
                if (both) {
                    probabilities[1] = conversionProbability;
                    outcomes[1] = conversion ? 1 : 0;
                }
                consumer.accept(probabilities, outcomes, user);
            });
        });
    }

    @Override
    public boolean holdsOut() {
        return true;
    }

    @Override
    public Dataset open(long seed, Consumer<String> notices) {
        RowDataset.Settings settings = new RowDataset.Settings(
                schema(),
                SplitConfig.DEFAULT,
                batchSize,
                shuffle,
                /* shuffleBlocks= */ false,
                ClickLogConfig.Prepared.AUTO,
                preparedPath,
                ClickLogConfig.DEFAULT.shuffleBuffer(),
                prefetch,
                List.of());
        return RowDataset.open(
                settings, trainingStream(), Optional.of(validationStream()), Optional.of(testStream()), seed, notices);
    }

    @Override
    public RowSource rows(Path path) {
        return FileSource.open(SourceConfig.DEFAULT, Optional.of(path.toString()));
    }

    @Override
    public List<String> keys() {
        return List.of();
    }

    private SimulatedStream log() {
        return SimulatedStream.of(new SimulatedParameters(users, ads, streamSeed), logRows());
    }

    private long logRows() {
        return (long) rows + validationRows + testRows;
    }
}
