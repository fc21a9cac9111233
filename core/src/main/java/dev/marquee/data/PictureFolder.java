package dev.marquee.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A folder with the four files of MNIST and its kin, plain or with the ending {@code .gz}.
 *
 * @param folder the folder
 */
record PictureFolder(Path folder) {
    static final String TRAIN_PICTURES = "train-images-idx3-ubyte";
    static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
    static final String TEST_PICTURES = "t10k-images-idx3-ubyte";
    static final String TEST_LABELS = "t10k-labels-idx1-ubyte";
    static final List<String> NAMES = List.of(TRAIN_PICTURES, TRAIN_LABELS, TEST_PICTURES, TEST_LABELS);
    static final String ZIPPED = ".gz";

    /** Where each file may be found. */
    interface Lookup {
        IdxFile file(String name);
    }

    boolean isComplete() {
        return NAMES.stream().allMatch(name -> find(name).isPresent());
    }

    Optional<Path> find(String name) {
        return List.of(folder.resolve(name), folder.resolve(name + ZIPPED)).stream()
                .filter(Files::exists)
                .findFirst();
    }

    /** Reads all; the description says no more than the counts: {@code 60,000 + 10,000 pictures}. */
    Pictures read(int classes) {
        if (!Files.exists(folder)) {
            throw new DataException(folder + ": there is no such folder; expected one with " + expectedFiles());
        }
        if (!Files.isDirectory(folder)) {
            throw new DataException(folder + ": is not a folder; expected one with " + expectedFiles());
        }
        return read(
                name -> IdxFile.of(find(name)
                        .orElseThrow(() -> new DataException(folder + ": neither " + name + " nor " + name + ZIPPED
                                + " is there; expected " + expectedFiles()))),
                classes);
    }

    static Pictures read(Lookup lookup, int classes) {
        // All four are looked up before the first is read: what is missing is said at once.
        List<IdxFile> files = NAMES.stream().map(lookup::file).toList();
        PictureSet train = Idx.read(files.get(0), files.get(1), classes);
        PictureSet test = Idx.read(files.get(2), files.get(3), classes);
        if (train.height() != test.height() || train.width() != test.width()) {
            throw new DataException(files.get(2).name() + ": at byte 8: expected pictures of " + train.height() + " × "
                    + train.width() + ", as in " + files.get(0).name() + ", found " + test.height() + " × "
                    + test.width());
        }
        return new Pictures(train, test, String.format(Locale.ROOT, "%,d + %,d pictures", train.size(), test.size()));
    }

    private static String expectedFiles() {
        return String.join(", ", NAMES) + ", each plain or with the ending " + ZIPPED;
    }
}
