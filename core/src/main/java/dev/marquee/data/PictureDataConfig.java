package dev.marquee.data;

import dev.marquee.config.About;
import dev.marquee.config.Faults;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Pictures with one class each.
 *
 * @param source the collection to find when no path is given
 * @param path a folder with the four files in the idx format; any such folder, MNIST's too
 * @param batchSize samples in a batch; the last one of an epoch may be smaller
 * @param shuffle whether each epoch has an order of its own
 * @param validationFraction the part of the training pictures that is held out for validation
 * @param classes the number of classes
 * @param download whether the full set may be fetched when it is not on this machine
 * @param readers threads that assemble batches
 * @param prefetch batches that are assembled ahead
 */
@Kind("pictures")
public record PictureDataConfig(
        @About("which collection of pictures to find when data.path is not given")
        DataSource source,

        @About("a folder with the four files of pictures and labels in the idx format, plain or gzipped")
        Optional<String> path,

        @About("samples in a batch; the last batch of an epoch may be smaller") @Range(atLeast = 1)
        int batchSize,

        @About("whether each epoch has its own order, drawn from the seed")
        boolean shuffle,

        @About("the part of the training pictures held out for validation, drawn from the seed")
        @Range(atLeast = 0, below = 1)
        double validationFraction,

        @About("the number of classes; labels are 0 to one less") @Range(atLeast = 1, atMost = 256)
        int classes,

        @About("whether the full set may be downloaded when it is not on this machine")
        boolean download,

        @About("threads that assemble batches") @Range(atLeast = 1)
        int readers,

        @About("batches that are assembled ahead") @Range(atLeast = 1)
        int prefetch)
        implements DataConfig {
    /** The values of absent keys. */
    public static final PictureDataConfig DEFAULT =
            new PictureDataConfig(DataSource.FASHION_MNIST, Optional.empty(), 20, true, 0, 10, true, 1, 4);

    private static final int FASHION_CLASSES = 10;

    /** Validates. */
    public PictureDataConfig {
        Sections.validate(
                PictureDataConfig.class,
                source,
                path,
                batchSize,
                shuffle,
                validationFraction,
                classes,
                download,
                readers,
                prefetch);
    }

    @Override
    public void check(Faults faults) {
        if (path.isEmpty() && classes < FASHION_CLASSES) {
            faults.add(
                    "classes",
                    classes + " is fewer than the " + FASHION_CLASSES
                            + " classes of Fashion-MNIST; to read other pictures, give their folder as data.path");
        }
        if (path.isPresent() && path.get().isBlank()) {
            faults.add(
                    "path", "the name of the folder is empty; leave the key out to find the pictures by data.source");
        }
    }

    @Override
    public boolean holdsOut() {
        return validationFraction > 0;
    }

    @Override
    public Dataset open(long seed, Consumer<String> notices) {
        return PictureDataset.open(this, seed, notices);
    }

    /**
     * Opens samples to be predicted.
     *
     * @param samples a folder, whose test samples are taken, or one file of samples
     * @return batches whose targets are meaningless when there are no labels; close them
     * @throws DataException when they are missing or damaged
     */
    public BatchStream openForPrediction(Path samples) {
        return PictureDataset.forPrediction(samples, this);
    }
}
