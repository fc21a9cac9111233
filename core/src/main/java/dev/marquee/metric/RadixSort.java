package dev.marquee.metric;

/** Sorts by the bits of doubles: linear in the rows, stable, and quick over digits that all rows share. */
final class RadixSort {
    private static final int DIGITS = Long.BYTES;
    private static final int VALUES = 1 << Byte.SIZE;

    private RadixSort() {}

    /** A long whose signed order is the order of the doubles; −0 and 0 have one key. Not for NaN. */
    static long key(double value) {
        long bits = Double.doubleToRawLongBits(value + 0.0);
        return bits ^ ((bits >> 63) & Long.MAX_VALUE);
    }

    static double value(long key) {
        return Double.longBitsToDouble(key ^ ((key >> 63) & Long.MAX_VALUE));
    }

    /** The places of the first {@code size} keys in ascending order; equal keys stay in their order. */
    static int[] order(long[] keys, int size) {
        int[][] starts = starts(keys, size);
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            order[i] = i;
        }
        long[] sorted = keys;
        long[] spare = new long[size];
        int[] spareOrder = new int[size];
        for (int digit = 0; digit < DIGITS; digit++) {
            int[] start = starts[digit];
            if (start.length == 0) {
                continue;
            }
            for (int i = 0; i < size; i++) {
                int place = start[digit(sorted[i], digit)]++;
                spare[place] = sorted[i];
                spareOrder[place] = order[i];
            }
            long[] swap = sorted == keys ? new long[size] : sorted;
            sorted = spare;
            spare = swap;
            int[] swapOrder = order;
            order = spareOrder;
            spareOrder = swapOrder;
        }
        return order;
    }

    /** Where each value of each digit starts; empty for a digit that all keys share. */
    private static int[][] starts(long[] keys, int size) {
        int[][] counts = new int[DIGITS][VALUES];
        for (int i = 0; i < size; i++) {
            for (int digit = 0; digit < DIGITS; digit++) {
                counts[digit][digit(keys[i], digit)]++;
            }
        }
        for (int digit = 0; digit < DIGITS; digit++) {
            int[] count = counts[digit];
            if (size == 0 || count[digit(keys[0], digit)] == size) {
                counts[digit] = new int[0];
                continue;
            }
            int start = 0;
            for (int value = 0; value < VALUES; value++) {
                int here = count[value];
                count[value] = start;
                start += here;
            }
        }
        return counts;
    }

    private static int digit(long key, int digit) {
        // The sign comes last, and turned over: negative keys are the smallest.
        return (int) ((key ^ Long.MIN_VALUE) >>> (Byte.SIZE * digit)) & (VALUES - 1);
    }
}
