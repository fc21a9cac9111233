package dev.marquee.data;

import dev.marquee.config.About;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import dev.marquee.source.FileSource;
import dev.marquee.source.RowSource;
import dev.marquee.source.SourceConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Simulated ad impressions, whose true probabilities are known.
 *
 * @param rows impressions to train on
 * @param validationRows impressions for validation, later than those
 * @param testRows impressions for the test, later still
 * @param users how many users there are
 * @param ads how many ads there are
 * @param streamSeed decides the world and everything that happens in it
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

        @About("users") @Range(atLeast = 1) int users,
        @About("ads") @Range(atLeast = 1) int ads,

        @About("decides the world and everything that happens in it")
        long streamSeed,

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
    public static final SimulatedConfig DEFAULT =
            new SimulatedConfig(1_000_000, 100_000, 100_000, 20_000, 5_000, 1, 1024, true, Optional.empty(), 4);

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
                batchSize,
                shuffle,
                preparedPath,
                prefetch);
    }

    @Override
    public boolean holdsOut() {
        return true;
    }

    @Override
    public Dataset open(long seed, Consumer<String> notices) {
        throw new UnsupportedOperationException("simulated stream");
    }

    @Override
    public RowSource rows(Path path) {
        return FileSource.open(SourceConfig.DEFAULT, Optional.of(path.toString()));
    }

    @Override
    public List<String> keys() {
        return List.of();
    }
}
