package dev.marquee.schema;

import java.nio.charset.StandardCharsets;

/**
 * A value of a column as UTF-8 bytes, whatever the column's type: texts as they stand, whole numbers in decimal digits
 * even where their type is floating-point, other numbers by {@link Double#toString}. One thread; each read overwrites
 * the one before.
 */
final class CanonicalText {
    private static final double WHOLE_BELOW = 0x1p63;

    private final byte[] digits = new byte[20];
    private byte[] bytes = digits;
    private int from;
    private int to;

    /**
     * Reads a value.
     *
     * @return false if there is none: null, or an empty text
     * @throws IllegalArgumentException for a list
     */
    boolean read(RawColumn column, int index) {
        if (column.isNull(index)) {
            return false;
        }
        if (column instanceof RawColumn.Texts texts) {
            bytes = texts.bytes();
            from = texts.offset(index);
            to = texts.offset(index + 1);
            return from < to;
        }
        if (column instanceof RawColumn.Longs longs) {
            of(longs.value(index));
        } else if (column instanceof RawColumn.Doubles doubles) {
            of(doubles.value(index));
        } else {
            throw new IllegalArgumentException("a list where one value is expected");
        }
        return true;
    }

    byte[] bytes() {
        return bytes;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    long hash() {
        return XxHash64.hash(bytes, from, to);
    }

    private void of(double value) {
        if (value == Math.rint(value) && value >= -WHOLE_BELOW && value < WHOLE_BELOW) {
            of((long) value);
        } else {
            bytes = Double.toString(value).getBytes(StandardCharsets.ISO_8859_1);
            from = 0;
            to = bytes.length;
        }
    }

    private void of(long value) {
        bytes = digits;
        to = digits.length;
        from = to;
        long rest = value > 0 ? -value : value; // negative, since the least long has no positive
        do {
            digits[--from] = (byte) ('0' - rest % 10);
            rest /= 10;
        } while (rest != 0);
        if (value < 0) {
            digits[--from] = '-';
        }
    }
}
