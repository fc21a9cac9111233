package dev.marquee.data;

import com.sun.management.OperatingSystemMXBean;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.schema.RowException;
import dev.marquee.schema.SchemaConfig;
import dev.marquee.source.RowSource;
import dev.marquee.source.SourceException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Rows of a log as a recipe's data says: divided, encoded with a schema learnt from the training rows only, in batches.
 *
 * <p>The encoded rows are kept in a folder, from which training reads them in an order that is shuffled as a whole; or,
 * where they are not to be kept or do not fit, source and encoder are read anew in every epoch, and a buffer shuffles.
 * Both are determined by seed and epoch, and can be resumed at any batch.
 *
 * <p>Where a part for validation is neither given nor held out, {@link #validation()} gives the test rows; where there are
 * no test rows either, {@link #test()} gives no batches.
 */
public final class RowDataset implements Dataset {
    private final String description;
    private final boolean heldOut;
    private final boolean tested;
    private final DatasetRows rows;

    /**
     * What a recipe says of the rows.
     *
     * @param schema how they become numbers
     * @param split which are held out
     * @param batchSize rows in a batch of training
     * @param shuffle whether each epoch has an order of its own
     * @param shuffleBlocks whether blocks of prepared rows are shuffled, and rows within a buffer
     * @param prepared whether the encoded rows are kept
     * @param preparedPath where; absent: in the user's cache, in the folder {@code prepared}
     * @param shuffleBuffer how many are shuffled at a time where nothing is kept, or in blocks
     * @param prefetch batches that are assembled ahead
     * @param keys columns that identify a row
     */
    public record Settings(
            SchemaConfig schema,
            SplitConfig split,
            int batchSize,
            boolean shuffle,
            boolean shuffleBlocks,
            ClickLogConfig.Prepared prepared,
            Optional<String> preparedPath,
            int shuffleBuffer,
            int prefetch,
            List<String> keys) {
        /** Copies the list. */
        public Settings {
            keys = List.copyOf(keys);
        }
    }

    /**
     * What does not depend on the rows; tests bring their own.
     *
     * @param schemas make schemas
     * @param disk holds what is prepared
     * @param cache the folder of what the user may delete
     * @param segment the size of a mapping
     * @param memory of this machine, in bytes
     */
    record Environment(SchemaFactory schemas, Disk disk, Path cache, long segment, long memory) {
        static Environment real() {
            return new Environment(
                    SchemaFactory.REAL, Disk.REAL, Places.here().cache(), MappedRows.SEGMENT, machineMemory());
        }

        private static long machineMemory() {
            return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                    ? system.getTotalMemorySize()
                    : Long.MAX_VALUE;
        }
    }

    private RowDataset(RowSources sources, DatasetRows rows) {
        this.description = sources.description() + rows.form();
        this.heldOut = sources.has(Part.VALIDATION);
        this.tested = sources.has(Part.TEST);
        this.rows = rows;
    }

    /**
     * Learns the schema and encodes the rows, unless that was done before.
     *
     * @param settings what the recipe says
     * @param training the rows to train on, of which a part is held out for what is absent of the following
     * @param validation the rows for validation
     * @param test the rows for the test
     * @param seed the run's seed; it decides the order
     * @param notices told what takes long and what to be careful about, a line each
     * @return the data; close them
     * @throws DataException when rows or columns are missing or faulty, or the encoded rows must be kept but cannot be
     */
    public static RowDataset open(
            Settings settings,
            RowSource training,
            Optional<RowSource> validation,
            Optional<RowSource> test,
            long seed,
            Consumer<String> notices) {
        return open(settings, new RowSources(settings, training, validation, test), seed, notices, Environment.real());
    }

    static RowDataset open(
            Settings settings, RowSources sources, long seed, Consumer<String> notices, Environment environment) {
        try {
            sources.requireColumns();
            warn(settings, sources, notices);
            Preparation preparation = new Preparation(settings, sources, environment.schemas(), environment.disk());
            if (settings.prepared() != ClickLogConfig.Prepared.NEVER) {
                try {
                    PreparedStore store = prepare(settings, sources, preparation, false, notices, environment)
                            .store();
                    warnOfSize(settings, store.rows(Part.TRAINING).bytes(), environment.memory(), notices);
                    return new RowDataset(sources, new PreparedDatasetRows(settings, sources, store, seed));
                } catch (IOException e) {
                    Path root = root(settings, environment);
                    if (settings.prepared() == ClickLogConfig.Prepared.ALWAYS) {
                        throw cannotKeep(root, e);
                    }
                    notices.accept("the encoded rows cannot be kept in " + root + " (" + PreparedFolder.reason(e)
                            + "), so the source is read and encoded anew in every epoch; data.prepared_path names"
                            + " another folder");
                }
            }
            return new RowDataset(sources, new StreamedDatasetRows(settings, sources, preparation.fitted(), seed));
        } catch (RowException | SourceException e) {
            throw new DataException(e.getMessage(), e);
        }
    }

    /**
     * Prepares rows, whatever {@link Settings#prepared()} says. Rows that are there already are checked against their
     * checksums, and prepared anew when damaged.
     *
     * @param settings what the recipe says
     * @param training the rows to train on
     * @param validation the rows for validation
     * @param test the rows for the test
     * @param notices told what takes long, a line each
     * @return what was written
     * @throws DataException when rows or columns are missing or faulty, or there is no room
     */
    public static PreparedReport prepare(
            Settings settings,
            RowSource training,
            Optional<RowSource> validation,
            Optional<RowSource> test,
            Consumer<String> notices) {
        return prepare(settings, new RowSources(settings, training, validation, test), notices, Environment.real());
    }

    static PreparedReport prepare(
            Settings settings, RowSources sources, Consumer<String> notices, Environment environment) {
        long start = System.nanoTime();
        try {
            sources.requireColumns();
            warn(settings, sources, notices);
            Preparation preparation = new Preparation(settings, sources, environment.schemas(), environment.disk());
            Made made = prepare(settings, sources, preparation, true, notices, environment);
            PreparedManifest manifest = made.store().manifest();
            return new PreparedReport(
                    made.store().folder(),
                    made.written(),
                    manifest.rows(Part.TRAINING),
                    manifest.rows(Part.VALIDATION),
                    manifest.rows(Part.TEST),
                    manifest.bytes(),
                    (System.nanoTime() - start) * 1e-9);
        } catch (IOException e) {
            throw cannotKeep(root(settings, environment), e);
        } catch (RowException | SourceException e) {
            throw new DataException(e.getMessage(), e);
        }
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public String fingerprint() {
        return rows.fingerprint();
    }

    @Override
    public long trainingSamples() {
        return rows.trainingRows();
    }

    @Override
    public BatchStream training(int epoch, int firstBatch, Share share) {
        return rows.training(epoch, firstBatch, share);
    }

    @Override
    public BatchStream validation() {
        return heldOut ? rows.evaluation(Part.VALIDATION) : test();
    }

    @Override
    public boolean validationIsHeldOut() {
        return heldOut;
    }

    @Override
    public BatchStream test() {
        return tested ? rows.evaluation(Part.TEST) : NoBatches.INSTANCE;
    }

    @Override
    public Optional<FeatureSchema> schema() {
        return Optional.of(rows.schema());
    }

    private record Made(PreparedStore store, boolean written) {}

    private static Made prepare(
            Settings settings,
            RowSources sources,
            Preparation preparation,
            boolean thorough,
            Consumer<String> notices,
            Environment environment)
            throws IOException {
        PreparedFolder folder = new PreparedFolder(root(settings, environment), sources.fingerprint());
        AtomicBoolean changed = new AtomicBoolean(folder.hasOther(sources.recipe(), sources.description()));
        boolean written = folder.make(thorough, notices, temporary -> {
            notices.accept((changed.get() ? sources.description() + " changed since it was prepared: " : "")
                    + "preparing the rows of " + sources.description() + " in " + folder.path());
            preparation.fitted();
            long needed = preparation.estimate();
            long usable = environment.disk().usable(temporary);
            if (needed > usable) {
                throw new IOException("about " + megabytes(needed) + " MB are needed, but only " + megabytes(usable)
                        + " MB are free");
            }
            preparation.write(temporary);
        });
        try {
            return new Made(PreparedStore.open(folder.path(), environment.schemas(), environment.segment()), written);
        } catch (IllegalArgumentException e) {
            throw new DataException(
                    "the rows prepared in " + folder.path() + " cannot be used: " + e.getMessage()
                            + "; delete the folder",
                    e);
        }
    }

    private static void warn(Settings settings, RowSources sources, Consumer<String> notices) {
        if (settings.split().by() == SplitConfig.By.RANDOM
                && sources.split().divides()
                && settings.schema().time().isPresent()) {
            notices.accept("warning: the split is random although data.time is declared, so the model learns from rows"
                    + " that are later than those it is tested on, and its figures may be better than it is;"
                    + " data.split.by=time holds out the latest rows");
        }
        List<String> known = sources.training().columns();
        for (String key : settings.keys()) {
            if (!known.contains(key)) {
                notices.accept("warning: data.keys names \"" + key + "\", which is no column of "
                        + sources.training().description());
            }
        }
    }

    private static void warnOfSize(Settings settings, long bytes, long memory, Consumer<String> notices) {
        // The rest is for weights, activations, and what else runs here.
        if (settings.shuffle() && !settings.shuffleBlocks() && bytes > memory / 2) {
            notices.accept("warning: the prepared rows take " + megabytes(bytes) + " MB, and this machine has "
                    + megabytes(memory) + " MB of memory: rows in random order may be read from the disk one by one;"
                    + " data.shuffle_blocks=true reads neighbours together and mixes them in memory");
        }
    }

    private static Path root(Settings settings, Environment environment) {
        return settings.preparedPath()
                .map(Path::of)
                .orElseGet(() -> environment.cache().resolve("prepared"));
    }

    private static DataException cannotKeep(Path root, IOException e) {
        return new DataException(
                "the encoded rows could not be kept in " + root + ": " + PreparedFolder.reason(e)
                        + "; make room there, name another folder in data.prepared_path, or do without by data.prepared=never",
                e);
    }

    private static long megabytes(long bytes) {
        return (bytes + 999_999) / 1_000_000;
    }
}
