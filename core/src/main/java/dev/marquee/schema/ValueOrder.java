package dev.marquee.schema;

import java.util.Arrays;

/**
 * Orders counted values: the most frequent first, those of equal counts by their bytes (unsigned). Sorts plain longs, as
 * comparing ten million values byte by byte at random places of memory takes half a minute: first count and entry; then,
 * within a count, the bytes behind what all have in common, as many as fit beside the entry; values are compared only
 * where these are equal.
 */
final class ValueOrder {
    private static final long LOW = 0xFFFFFFFFL;

    private final ValueCounter values;

    ValueOrder(ValueCounter values) {
        this.values = values;
    }

    /** The entries that occurred often enough, in order. */
    int[] order(int minimumCount) {
        int size = values.rows() - Ids.FIRST;
        int kept = 0;
        for (int entry = 0; entry < size; entry++) {
            kept += values.count(entry) >= minimumCount ? 1 : 0;
        }
        long[] keys = new long[kept];
        for (int entry = 0, at = 0; entry < size; entry++) {
            if (values.count(entry) >= minimumCount) {
                keys[at++] = ((long) (Integer.MAX_VALUE - values.count(entry)) << 32) | entry;
            }
        }
        Arrays.sort(keys);
        int[] order = new int[kept];
        for (int i = 0; i < kept; i++) {
            order[i] = (int) (keys[i] & LOW);
        }
        int entryBits = Integer.SIZE - Integer.numberOfLeadingZeros(size);
        for (int from = 0, to; from < kept; from = to) {
            to = from + 1;
            while (to < kept && values.count(order[to]) == values.count(order[from])) {
                to++;
            }
            if (to - from > 1) {
                byBytes(order, from, to, keys, entryBits);
            }
        }
        return order;
    }

    private void byBytes(int[] order, int from, int to, long[] keys, int entryBits) {
        int common = common(order, from, to);
        for (int i = from; i < to; i++) {
            // one bit less, so that keys are positive: their order as signed numbers is that of the bytes
            keys[i] = ((prefix(order[i], common) >>> (entryBits + 1)) << entryBits) | order[i];
        }
        Arrays.sort(keys, from, to);
        for (int first = from, end; first < to; first = end) {
            end = first + 1;
            order[first] = entry(keys[first], entryBits);
            while (end < to && keys[end] >>> entryBits == keys[first] >>> entryBits) {
                order[end] = entry(keys[end], entryBits);
                end++;
            }
            if (end - first > 1) {
                int[] sorted = IntSort.sort(Arrays.copyOfRange(order, first, end), this::compare);
                System.arraycopy(sorted, 0, order, first, end - first);
            }
        }
    }

    private static int entry(long key, int bits) {
        return (int) (key & ((1L << bits) - 1));
    }

    /** How many bytes all of the values begin with. */
    private int common(int[] order, int from, int to) {
        byte[] bytes = values.bytes(order[from]);
        int start = values.start(order[from]);
        int common = values.length(order[from]);
        for (int i = from + 1; i < to && common > 0; i++) {
            int other = values.start(order[i]);
            int length = Math.min(common, values.length(order[i]));
            int different =
                    Arrays.mismatch(bytes, start, start + length, values.bytes(order[i]), other, other + length);
            common = different < 0 ? length : different;
        }
        return common;
    }

    /** Eight bytes from an index on, the first the most significant, zeros behind the end. */
    private long prefix(int entry, int skipped) {
        byte[] bytes = values.bytes(entry);
        int from = values.start(entry) + skipped;
        int to = values.start(entry) + values.length(entry);
        long prefix = 0;
        for (int i = 0; i < 8; i++) {
            prefix = (prefix << 8) | (from + i < to ? bytes[from + i] & 0xFF : 0);
        }
        return prefix;
    }

    private int compare(int a, int b) {
        int first = values.start(a);
        int second = values.start(b);
        return Arrays.compareUnsigned(
                values.bytes(a), first, first + values.length(a), values.bytes(b), second, second + values.length(b));
    }
}
