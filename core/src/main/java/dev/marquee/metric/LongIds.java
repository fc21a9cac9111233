package dev.marquee.metric;

import java.util.Arrays;

/** Numbers distinct longs 0, 1, 2, … in the order of their coming, without boxing: about 24 bytes each. */
final class LongIds {
    private static final int FIRST = 1 << 8;

    private long[] values = new long[FIRST / 2];
    // 1 + the id; 0 where free.
    private int[] table = new int[FIRST];
    private int size;

    int size() {
        return size;
    }

    long value(int id) {
        return values[id];
    }

    int id(long value) {
        int place = free(value);
        if (table[place] != 0) {
            return table[place] - 1;
        }
        if (size == values.length) {
            grow();
            place = free(value);
        }
        values[size] = value;
        table[place] = ++size;
        return size - 1;
    }

    /** A bijection that leaves no pattern in the bits (the finaliser of SplitMix64). */
    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Where the value stands, or where it would be put. */
    private int free(long value) {
        int place = (int) mix(value) & (table.length - 1);
        while (table[place] != 0 && values[table[place] - 1] != value) {
            place = (place + 1) & (table.length - 1);
        }
        return place;
    }

    private void grow() {
        values = Arrays.copyOf(values, 2 * values.length);
        table = new int[2 * table.length];
        for (int id = 0; id < size; id++) {
            table[free(values[id])] = id + 1;
        }
    }
}
