package dev.marquee.data;

import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A collection of pictures in the two parts that it is published in.
 *
 * @param train the pictures to train on, before any are held out for validation
 * @param test the pictures to test on
 * @param description what these are and where they came from, in words for the user
 */
public record Pictures(PictureSet train, PictureSet test, String description) {
    /**
     * Finds the pictures that a recipe asks for. With {@code data.path}: that folder. Otherwise Fashion-MNIST, from the
     * first of these that has it: the cache folder ({@code $MARQUEE_CACHE}, {@code $XDG_CACHE_HOME/marquee}, or the
     * system's convention, such as {@code ~/.cache/marquee}), the folder of Debian's package {@code dataset-fashion-mnist},
     * a download into the cache folder (unless {@code data.download} is false or the environment has {@code
     * MARQUEE_OFFLINE}), and last a sample that comes with Marquee.
     *
     * @param config the recipe's section
     * @param notices told what takes long and what did not work, a line each, for the user
     * @return the pictures
     * @throws DataException when the folder given, or what was found, is incomplete or faulty
     */
    public static Pictures find(PictureDataConfig config, Consumer<String> notices) {
        return new FashionMnist(Places.here()).find(config, notices);
    }

    /**
     * Reads a folder with the files {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte}, {@code
     * t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte}, each plain or gzipped with the ending {@code .gz}.
     *
     * @param folder the folder
     * @param classes the number of classes, 1 to 256
     * @return the pictures
     * @throws DataException when a file is missing or faulty
     */
    public static Pictures read(Path folder, int classes) {
        Pictures pictures = new PictureFolder(folder).read(classes);
        return pictures.describedAs(pictures.description + " from " + folder);
    }

    Pictures describedAs(String words) {
        return new Pictures(train, test, words);
    }
}
