package dev.marquee.data;

import java.nio.file.Path;

/**
 * Reads pictures and labels in the idx format, plain or gzipped (told apart by the content, not by the name).
 *
 * <p>A file of pictures: the magic number 2051, the number of pictures, of rows and of columns, each as four bytes, most
 * significant first, then a byte for each pixel, row by row. A file of labels: the magic number 2049, the number of
 * labels, then a byte for each. The format is described at the end of <a
 * href="http://yann.lecun.com/exdb/mnist/">LeCun's page on MNIST</a>.
 */
public final class Idx {
    private static final int LABELS_START = 8;

    private Idx() {}

    /**
     * Reads a file of pictures and the file of their labels.
     *
     * @param pictures the file of pictures
     * @param labels the file of labels
     * @param classes the number of classes: labels are 0 to {@code classes - 1}
     * @return the pictures with their labels
     * @throws DataException when a file is missing, unreadable, empty, truncated, too long, not in the format, corruptly
     *     zipped, when the counts differ, or a label is out of range
     * @throws IllegalArgumentException when the number of classes is not 1 to 256
     */
    public static PictureSet read(Path pictures, Path labels, int classes) {
        return read(IdxFile.of(pictures), IdxFile.of(labels), classes);
    }

    /**
     * Reads a file of pictures whose labels are not known; every label is set to 0.
     *
     * @param pictures the file of pictures
     * @param classes the number of classes
     * @return the pictures
     * @throws DataException when the file is missing, unreadable, empty, truncated, too long, not in the format or
     *     corruptly zipped
     */
    public static PictureSet readPictures(Path pictures, int classes) {
        IdxReader.Contents contents = IdxReader.read(IdxFile.of(pictures), IdxReader.Kind.PICTURES);
        return new PictureSet(
                contents.payload(), new byte[contents.size(0)], contents.size(1), contents.size(2), classes);
    }

    static PictureSet read(IdxFile pictures, IdxFile labels, int classes) {
        PictureSet.requireClasses(classes);
        // The small file first: swapped files are noticed before anything large is read.
        IdxReader.Contents labelContents = IdxReader.read(labels, IdxReader.Kind.LABELS);
        IdxReader.Contents pictureContents = IdxReader.read(pictures, IdxReader.Kind.PICTURES);
        if (labelContents.size(0) != pictureContents.size(0)) {
            throw new DataException(labels.name() + ": at byte 4: expected " + pictureContents.size(0)
                    + " labels, one for each picture of " + pictures.name() + ", found " + labelContents.size(0));
        }
        requireInRange(labels.name(), labelContents.payload(), classes);
        return new PictureSet(
                pictureContents.payload(),
                labelContents.payload(),
                pictureContents.size(1),
                pictureContents.size(2),
                classes);
    }

    private static void requireInRange(String name, byte[] labels, int classes) {
        for (int i = 0; i < labels.length; i++) {
            int label = Byte.toUnsignedInt(labels[i]);
            if (label >= classes) {
                throw new DataException(name + ": at byte " + (LABELS_START + i) + ": label " + i + " is " + label
                        + "; expected 0 to " + (classes - 1) + ", as data.classes is " + classes);
            }
        }
    }
}
