package dev.marquee.data;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Grey pictures of one size with their labels, held as bytes. What models see of a pixel is {@code byte / 255} in
 * float32, as {@code tensor.float() / 255} of a uint8 tensor gives in PyTorch.
 */
public final class PictureSet {
    private static final int FINGERPRINT_BYTES = 8;
    private static final float[] SHADES = new float[256];

    static {
        for (int i = 0; i < SHADES.length; i++) {
            SHADES[i] = i / 255f;
        }
    }

    private final byte[] pixels;
    private final byte[] labels;
    private final int height;
    private final int width;
    private final int classes;

    /** Takes the arrays as they are; {@link Idx} has checked them. */
    PictureSet(byte[] pixels, byte[] labels, int height, int width, int classes) {
        this.pixels = pixels;
        this.labels = labels;
        this.height = height;
        this.width = width;
        this.classes = classes;
    }

    /**
     * A set made from arrays, which are copied.
     *
     * @param pixels the pictures one after the other, row by row, unsigned: {@code [size, height, width]}
     * @param labels their classes, unsigned: {@code [size]}
     * @param height rows of a picture
     * @param width columns of a picture
     * @param classes the number of classes, 1 to 256
     * @return the set
     * @throws IllegalArgumentException when there are no pictures, the arrays do not fit together, or a label is not
     *     below {@code classes}
     */
    public static PictureSet of(byte[] pixels, byte[] labels, int height, int width, int classes) {
        requireClasses(classes);
        if (height < 1 || width < 1 || labels.length == 0) {
            throw new IllegalArgumentException("a set needs at least one picture of at least 1 × 1, not "
                    + labels.length + " of " + height + " × " + width);
        }
        if (pixels.length != (long) labels.length * height * width) {
            throw new IllegalArgumentException(labels.length + " pictures of " + height + " × " + width + " need "
                    + (long) labels.length * height * width + " pixels, not " + pixels.length);
        }
        for (int i = 0; i < labels.length; i++) {
            int label = Byte.toUnsignedInt(labels[i]);
            if (label >= classes) {
                throw new IllegalArgumentException(
                        "label " + i + " is " + label + "; allowed are 0 to " + (classes - 1));
            }
        }
        return new PictureSet(pixels.clone(), labels.clone(), height, width, classes);
    }

    /**
     * The number of pictures.
     *
     * @return at least 1
     */
    public int size() {
        return labels.length;
    }

    /**
     * The rows of each picture.
     *
     * @return at least 1
     */
    public int height() {
        return height;
    }

    /**
     * The columns of each picture.
     *
     * @return at least 1
     */
    public int width() {
        return width;
    }

    /**
     * The number of classes.
     *
     * @return 1 to 256
     */
    public int classes() {
        return classes;
    }

    /**
     * The class of a picture.
     *
     * @param index which picture
     * @return 0 to {@code classes() - 1}
     * @throws IndexOutOfBoundsException when there is no such picture
     */
    public int label(int index) {
        return Byte.toUnsignedInt(labels[index]);
    }

    /**
     * A pixel as it is stored.
     *
     * @param index which picture
     * @param row from the top
     * @param column from the left
     * @return 0 to 255
     * @throws IndexOutOfBoundsException when there is no such pixel
     */
    public int pixel(int index, int row, int column) {
        if (row < 0 || row >= height || column < 0 || column >= width) {
            throw new IndexOutOfBoundsException(
                    "row " + row + ", column " + column + " is outside of " + height + " × " + width);
        }
        return Byte.toUnsignedInt(pixels[(index * height + row) * width + column]);
    }

    /**
     * Some of the pictures, copied.
     *
     * @param indices which, in the order wanted; repeats are allowed
     * @return a set of that many pictures
     * @throws IllegalArgumentException when there are no indices, or one names no picture of this set
     */
    public PictureSet subset(int... indices) {
        if (indices.length == 0) {
            throw new IllegalArgumentException("a subset needs at least one picture");
        }
        requireIndices(indices);
        int area = height * width;
        byte[] chosen = new byte[Math.multiplyExact(indices.length, area)];
        byte[] chosenLabels = new byte[indices.length];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(pixels, indices[i] * area, chosen, i * area, area);
            chosenLabels[i] = labels[indices[i]];
        }
        return new PictureSet(chosen, chosenLabels, height, width, classes);
    }

    /**
     * Tells sets apart: the start of the SHA-256 over sizes, labels and pixels. The order counts.
     *
     * @return 16 hexadecimal digits
     */
    public String fingerprint() {
        MessageDigest digest = sha256();
        digest.update(ByteBuffer.allocate(16)
                .putInt(size())
                .putInt(height)
                .putInt(width)
                .putInt(classes)
                .flip());
        digest.update(labels);
        digest.update(pixels);
        return HexFormat.of().formatHex(digest.digest(), 0, FINGERPRINT_BYTES);
    }

    static void requireClasses(int classes) {
        if (classes < 1 || classes > 256) {
            throw new IllegalArgumentException("the number of classes must be 1 to 256, not " + classes);
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    void requireIndices(int... indices) {
        for (int i = 0; i < indices.length; i++) {
            if (indices[i] < 0 || indices[i] >= size()) {
                throw new IllegalArgumentException("index " + i + " is " + indices[i] + ", but there are " + size()
                        + " pictures: allowed are 0 to " + (size() - 1));
            }
        }
    }

    /**
     * Writes samples into the memory of a batch. The buffers' positions are neither used nor changed, so threads may
     * share them.
     *
     * @param indices which pictures
     * @param from the first of the indices to take
     * @param count how many
     * @param pictures {@code [count, height, width]}
     * @param targets {@code [count]}
     */
    void write(int[] indices, int from, int count, FloatBuffer pictures, LongBuffer targets) {
        int area = height * width;
        float[] row = new float[area];
        for (int i = 0; i < count; i++) {
            int index = indices[from + i];
            int start = index * area;
            for (int j = 0; j < area; j++) {
                row[j] = SHADES[pixels[start + j] & 0xff];
            }
            pictures.put(i * area, row);
            targets.put(i, labels[index] & 0xff);
        }
    }
}
