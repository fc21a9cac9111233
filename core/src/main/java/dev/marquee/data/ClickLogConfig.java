package dev.marquee.data;

import dev.marquee.config.About;
import dev.marquee.config.Faults;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.GrowingTableConfig;
import dev.marquee.schema.LabelConfig;
import dev.marquee.schema.SchemaConfig;
import dev.marquee.source.FileSource;
import dev.marquee.source.RowSource;
import dev.marquee.source.SourceConfig;
import dev.marquee.source.SourceException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A log of impressions: rows of files, or of a query.
 *
 * @param path a file, a folder or a glob of files
 * @param validationPath the same, for validation; a part of the other rows where absent
 * @param testPath the same, for the test; a part of the other rows where absent
 * @param format how the files are read
 * @param split which rows are held out
 * @param features what the model sees
 * @param labels what it predicts
 * @param growing the tables whose rows appear when their ids do
 * @param weight the column of what each row counts for
 * @param group the column within which rows are ranked against each other
 * @param time the column that tells when a row happened
 * @param keys columns that identify a row, which predictions repeat
 * @param strict whether a value that cannot be read is refused instead of counting as missing
 * @param batchSize samples in a batch
 * @param shuffle whether each epoch has an order of its own
 * @param shuffleBlocks whether blocks of prepared rows are shuffled, and rows within a buffer
 * @param prepared whether the encoded rows are kept in a file that is read again
 * @param preparedPath the folder of these files
 * @param shuffleBuffer how many rows are shuffled at a time where nothing is prepared, or in blocks
 * @param prefetch batches that are assembled ahead
 */
@Kind("click_log")
public record ClickLogConfig(
        @About("a file, a folder or a glob of files: CSV (also .gz, .zst), Parquet, JSON lines")
        Optional<String> path,

        @About("the same, for validation; absent: a part of the other rows, see split")
        Optional<String> validationPath,

        @About("the same, for the test; absent: a part of the other rows, see split")
        Optional<String> testPath,

        @About("how the files are read") SourceConfig format,
        @About("which rows are held out") SplitConfig split,
        @About("what the model sees") List<FeatureConfig> features,
        @About("what it predicts, at least one") List<LabelConfig> labels,

        @About("tables whose rows appear when their ids do, instead of a vocabulary")
        List<GrowingTableConfig> growing,

        @About("column of what each row counts for; absent: all the same")
        Optional<String> weight,

        @About("column within which rows are ranked against each other, for gauc: a user, a session")
        Optional<String> group,

        @About("column that tells when a row happened: a number, a date or a point in time")
        Optional<String> time,

        @About("columns that identify a row, which predictions repeat")
        List<String> keys,

        @About("whether a value that cannot be read is refused instead of counting as missing")
        boolean strict,

        @About("samples in a batch; the last batch of an epoch may be smaller") @Range(atLeast = 1)
        int batchSize,

        @About("whether each epoch has its own order, drawn from the seed")
        boolean shuffle,

        @About(
                "whether blocks of prepared rows are shuffled, and rows within data.shuffle_buffer of them, instead of every"
                        + " row by itself: for prepared rows larger than memory")
        boolean shuffleBlocks,

        @About("whether the encoded rows are kept in files that are read again: auto (where they fit), always, never")
        Prepared prepared,

        @About("folder of these files; absent: in the user's cache")
        Optional<String> preparedPath,

        @About("rows that are shuffled at a time where nothing is prepared, or with data.shuffle_blocks")
        @Range(atLeast = 1)
        int shuffleBuffer,

        @About("batches that are assembled ahead") @Range(atLeast = 1)
        int prefetch)
        implements RowDataConfig {
    /** The values of absent keys. */
    public static final ClickLogConfig DEFAULT = new ClickLogConfig(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            SourceConfig.DEFAULT,
            SplitConfig.DEFAULT,
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            false,
            1024,
            true,
            false,
            Prepared.AUTO,
            Optional.empty(),
            100_000,
            4);

    /** Whether encoded rows are kept. */
    public enum Prepared {
        /** Where they fit. */
        AUTO,
        /** Or else the run fails. */
        ALWAYS,
        /** The source is read and encoded anew in every epoch. */
        NEVER
    }

    /** Copies and checks. */
    public ClickLogConfig {
        features = List.copyOf(features);
        labels = List.copyOf(labels);
        growing = List.copyOf(growing);
        keys = List.copyOf(keys);
        Sections.validate(
                ClickLogConfig.class,
                path,
                validationPath,
                testPath,
                format,
                split,
                features,
                labels,
                growing,
                weight,
                group,
                time,
                keys,
                strict,
                batchSize,
                shuffle,
                shuffleBlocks,
                prepared,
                preparedPath,
                shuffleBuffer,
                prefetch);
    }

    @Override
    public void check(Faults faults) {
        schema().check(faults);
        if (split.by() == SplitConfig.By.TIME && time.isEmpty()) {
            faults.add("split.by", "time needs data.time: the column that tells when a row happened");
        }
        if (split.by() == SplitConfig.By.HASH && split.column().isEmpty() && group.isEmpty()) {
            faults.add("split.by", "hash needs split.column or data.group");
        }
    }

    /**
     * How rows become numbers.
     *
     * @return the schema's config
     */
    public SchemaConfig schema() {
        return new SchemaConfig(features, labels, growing, weight, group, time, strict);
    }

    @Override
    public boolean holdsOut() {
        return validationPath.isPresent() || split.validation() > 0;
    }

    @Override
    public Dataset open(long seed, Consumer<String> notices) {
        return RowDataset.open(settings(), source(path), given(validationPath), given(testPath), seed, notices);
    }

    /**
     * Encodes the rows and keeps them, for {@link #open} to find.
     *
     * @param notices told what takes long, a line each
     * @return what was written
     * @throws DataException when rows or columns are missing or faulty, or there is no room
     */
    public PreparedReport prepare(Consumer<String> notices) {
        return RowDataset.prepare(settings(), source(path), given(validationPath), given(testPath), notices);
    }

    @Override
    public RowSource rows(Path other) {
        return source(Optional.of(other.toString()));
    }

    private RowDataset.Settings settings() {
        return new RowDataset.Settings(
                schema(),
                split,
                batchSize,
                shuffle,
                shuffleBlocks,
                prepared,
                preparedPath,
                shuffleBuffer,
                prefetch,
                keys);
    }

    private Optional<RowSource> given(Optional<String> other) {
        return other.map(name -> source(Optional.of(name)));
    }

    private RowSource source(Optional<String> of) {
        try {
            return FileSource.open(format, of);
        } catch (SourceException e) {
            throw new DataException(e.getMessage(), e);
        }
    }
}
