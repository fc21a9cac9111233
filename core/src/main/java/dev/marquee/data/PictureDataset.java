package dev.marquee.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Pictures opened as a recipe's data says: in its batches, order and split. */
public final class PictureDataset implements Dataset {
    /** Nothing is learnt from these, so batches can be as large as is fast. */
    private static final int EVALUATION_BATCH = 500;

    private final PictureDataConfig config;
    private final long seed;
    private final Pictures pictures;
    private final Order.Split split;

    private PictureDataset(PictureDataConfig config, long seed, Pictures pictures) {
        this.config = config;
        this.seed = seed;
        this.pictures = pictures;
        this.split = Order.split(pictures.train().size(), config.validationFraction(), seed);
    }

    /**
     * Finds and reads the pictures.
     *
     * @param config the recipe's data
     * @param seed the run's seed; it decides order and split
     * @param notices told what happens on the way, such as a download
     * @return the data
     * @throws DataException when they are missing or damaged
     */
    public static PictureDataset open(PictureDataConfig config, long seed, Consumer<String> notices) {
        return new PictureDataset(config, seed, Pictures.find(config, notices));
    }

    /**
     * Opens pictures whose labels are not needed.
     *
     * @param path a folder, whose test pictures are taken, or one idx file of pictures
     * @param config the recipe's data
     * @return batches whose targets are meaningless when there are no labels; close them
     * @throws DataException when the pictures are missing or damaged
     */
    public static BatchStream forPrediction(Path path, PictureDataConfig config) {
        PictureSet set = Files.isDirectory(path)
                ? Pictures.read(path, config.classes()).test()
                : Idx.readPictures(path, config.classes());
        return evaluation(set, Order.sequential(set.size()), config);
    }

    @Override
    public String description() {
        return pictures.description();
    }

    @Override
    public String fingerprint() {
        return pictures.train().fingerprint();
    }

    @Override
    public long trainingSamples() {
        return split.training().length;
    }

    @Override
    public BatchStream training(int epoch, int firstBatch, Share share) {
        int[] samples = split.training();
        int[] order = config.shuffle() ? Order.shuffled(samples.length, seed, epoch) : Order.sequential(samples.length);
        for (int i = 0; i < order.length; i++) {
            order[i] = samples[order[i]];
        }
        return Loader.open(
                pictures.train(), order, share, config.batchSize(), firstBatch, config.readers(), config.prefetch());
    }

    @Override
    public BatchStream validation() {
        return validationIsHeldOut() ? evaluation(pictures.train(), split.validation(), config) : test();
    }

    @Override
    public boolean validationIsHeldOut() {
        return split.validation().length > 0;
    }

    @Override
    public BatchStream test() {
        return evaluation(pictures.test(), Order.sequential(pictures.test().size()), config);
    }

    private static BatchStream evaluation(PictureSet set, int[] order, PictureDataConfig config) {
        return Loader.open(set, order, EVALUATION_BATCH, 0, config.readers(), config.prefetch());
    }
}
