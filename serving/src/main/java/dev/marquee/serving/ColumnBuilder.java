package dev.marquee.serving;

import dev.marquee.schema.RawColumn;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the values of one column, whose type shows only when all are there: whole numbers, numbers, texts where any value
 * is one, or lists.
 */
final class ColumnBuilder {
    private static final byte NULL = 0;
    private static final byte LONG = 1;
    private static final byte DOUBLE = 2;
    private static final byte TEXT = 3;
    private static final byte LIST = 4;

    /** Up to here, whole numbers are exact as floating-point ones. */
    private static final long EXACT = 1L << 53;

    private final String name;
    private byte[] kinds = new byte[8];
    /** Whole numbers, the bits of floating-point ones, where a text ends in UTF-8, or a list among the elements. */
    private long[] bits = new long[8];

    /** The texts of all rows, one after the other: rows are set in their order. */
    private byte[] utf8 = {};

    private int utf8Size;
    private @Nullable ColumnBuilder elements;
    private int kindsSeen;
    private boolean large;
    private int rows;

    ColumnBuilder(String name) {
        this.name = name;
    }

    /** A value of a Java program. */
    void set(int row, @Nullable Object value) {
        if (value instanceof List<?> list) {
            ColumnBuilder inner = beginList();
            for (Object element : list) {
                inner.set(inner.rows, element);
            }
            endList(row);
        } else if (value instanceof Boolean truth) {
            setLong(row, truth ? 1 : 0);
        } else if (value instanceof BigInteger || value instanceof BigDecimal) {
            setText(row, value.toString());
        } else if (value instanceof Double || value instanceof Float) {
            setDouble(row, ((Number) value).doubleValue());
        } else if (value instanceof Number number) {
            setLong(row, number.longValue());
        } else if (value instanceof String text) {
            setText(row, text);
        } else if (value == null) {
            setNull(row);
        } else {
            throw new IllegalArgumentException(
                    "column " + name + ": a value of " + value.getClass().getName()
                            + ", where a number, a text, a truth value, a list of these or null is expected");
        }
    }

    boolean isSet(int row) {
        return row < rows;
    }

    int size() {
        return rows;
    }

    void setNull(int row) {
        put(row, NULL, 0);
    }

    void setLong(int row, long value) {
        large |= value > EXACT || value < -EXACT;
        put(row, LONG, value);
    }

    void setDouble(int row, double value) {
        put(row, DOUBLE, Double.doubleToRawLongBits(value));
    }

    void setText(int row, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        setText(row, bytes, 0, bytes.length);
    }

    /** A text of a parser's buffer. Most are ASCII, and become no object of their own. */
    void setText(int row, char[] characters, int offset, int length) {
        reserveText(length);
        int at = utf8Size;
        for (int i = offset; i < offset + length; i++) {
            char character = characters[i];
            if (character >= 0x80) {
                setText(row, new String(characters, offset, length));
                return;
            }
            utf8[at++] = (byte) character;
        }
        utf8Size = at;
        put(row, TEXT, at);
    }

    private void setText(int row, byte[] bytes, int offset, int length) {
        reserveText(length);
        System.arraycopy(bytes, offset, utf8, utf8Size, length);
        utf8Size += length;
        put(row, TEXT, utf8Size);
    }

    /** The elements of a list are put behind each other here; then {@link #endList}. */
    ColumnBuilder beginList() {
        ColumnBuilder inner = elements;
        if (inner == null) {
            inner = new ColumnBuilder(name);
            elements = inner;
        }
        return inner;
    }

    void endList(int row) {
        ColumnBuilder inner = elements;
        if (inner == null) {
            throw new IllegalStateException("no list has begun");
        }
        put(row, LIST, inner.rows);
    }

    boolean hasTexts() {
        return (kindsSeen & 1 << TEXT) != 0;
    }

    boolean hasNumbers() {
        return (kindsSeen & (1 << LONG | 1 << DOUBLE)) != 0;
    }

    boolean hasFractions() {
        return (kindsSeen & 1 << DOUBLE) != 0;
    }

    /** Values one after the other as lists of one length, without the nulls and empty texts at the end of each. */
    RawColumn asLists(int count, int length) {
        ColumnBuilder column = new ColumnBuilder(name);
        for (int row = 0; row < count; row++) {
            int end = (row + 1) * length;
            while (end > row * length && isNothing(end - 1)) {
                end--;
            }
            ColumnBuilder list = column.beginList();
            for (int at = row * length; at < end; at++) {
                list.copy(this, at);
            }
            column.endList(row);
        }
        return column.build(count);
    }

    private boolean isNothing(int row) {
        return kinds[row] == NULL || (kinds[row] == TEXT && textBegin(row) == bits[row]);
    }

    private void copy(ColumnBuilder other, int row) {
        if (other.kinds[row] == TEXT) {
            int begin = other.textBegin(row);
            setText(rows, other.utf8, begin, (int) other.bits[row] - begin);
        } else {
            large |= other.large;
            put(rows, other.kinds[row], other.bits[row]);
        }
    }

    RawColumn build(int count) {
        reserve(count);
        rows = count;
        boolean lists = (kindsSeen & 1 << LIST) != 0;
        if (lists && (kindsSeen & (1 << LONG | 1 << DOUBLE | 1 << TEXT)) != 0) {
            throw new IllegalArgumentException("column " + name
                    + " holds lists in some rows and single values in others: give lists in all, or in none");
        }
        if (lists) {
            return lists(count);
        }
        boolean doubles = (kindsSeen & 1 << DOUBLE) != 0;
        if ((kindsSeen & 1 << TEXT) != 0 || (doubles && large)) {
            return texts(count);
        }
        boolean[] nulls = nulls(count);
        if (doubles) {
            double[] values = new double[count];
            for (int row = 0; row < count; row++) {
                values[row] = kinds[row] == LONG ? bits[row] : Double.longBitsToDouble(bits[row]);
            }
            return new RawColumn.Doubles(values, nulls);
        }
        return (kindsSeen & 1 << LONG) != 0
                ? new RawColumn.Longs(Arrays.copyOf(bits, count), nulls)
                : RawRows.nulls(count);
    }

    private boolean[] nulls(int count) {
        boolean[] nulls = new boolean[count];
        for (int row = 0; row < count; row++) {
            nulls[row] = kinds[row] == NULL;
        }
        return nulls;
    }

    private RawColumn lists(int count) {
        ColumnBuilder inner = elements;
        if (inner == null) {
            throw new IllegalStateException("no list has begun");
        }
        int[] offsets = new int[count + 1];
        for (int row = 0; row < count; row++) {
            offsets[row + 1] = kinds[row] == LIST ? (int) bits[row] : offsets[row];
        }
        return new RawColumn.Lists(offsets, nulls(count), inner.build(inner.rows));
    }

    private RawColumn texts(int count) {
        boolean plain = !hasNumbers();
        ColumnBuilder all = plain ? this : new ColumnBuilder(name);
        int[] offsets = new int[count + 1];
        int begin = 0;
        for (int row = 0; row < count; row++) {
            byte kind = kinds[row];
            if (kind == TEXT) {
                int end = (int) bits[row];
                if (!plain) {
                    all.setText(row, utf8, begin, end - begin);
                }
                begin = end;
            } else if (kind == LONG) {
                all.setText(row, Long.toString(bits[row]));
            } else if (kind == DOUBLE) {
                all.setText(row, text(Double.longBitsToDouble(bits[row])));
            }
            offsets[row + 1] = kind == NULL ? offsets[row] : (int) all.bits[row];
        }
        return new RawColumn.Texts(all.utf8, offsets, nulls(count));
    }

    /** Where a row's text begins: where the last one before it ends. */
    private int textBegin(int row) {
        for (int before = row - 1; before >= 0; before--) {
            if (kinds[before] == TEXT) {
                return (int) bits[before];
            }
        }
        return 0;
    }

    /** As the schema writes numbers: whole ones in digits. */
    private static String text(double value) {
        return value == Math.rint(value) && Math.abs(value) < 0x1p63
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    private void put(int row, byte kind, long value) {
        reserve(row + 1);
        kinds[row] = kind;
        bits[row] = value;
        kindsSeen |= 1 << kind;
        rows = Math.max(rows, row + 1);
    }

    private void reserveText(int length) {
        if (utf8.length - utf8Size < length) {
            utf8 = Arrays.copyOf(utf8, Math.max(utf8Size + length, Math.max(64, 2 * utf8.length)));
        }
    }

    private void reserve(int count) {
        if (count > kinds.length) {
            int room = Math.max(count, 2 * kinds.length);
            kinds = Arrays.copyOf(kinds, room);
            bits = Arrays.copyOf(bits, room);
        }
    }
}
