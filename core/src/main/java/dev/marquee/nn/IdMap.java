package dev.marquee.nn;

import java.util.Arrays;

/**
 * From ids of tables to a number and a time each: open addressing with linear probing, at most two thirds full. It takes
 * 12 bytes a place, 20 with times, 1.5 to 3 places an id.
 */
final class IdMap {
    private static final int SMALLEST = 1 << 8;
    private static final int LARGEST = 1 << 30;

    private final boolean timed;
    private long[] keys;
    private int[] values;
    private long[] times;
    private int size;

    IdMap(boolean timed) {
        this(timed, 0);
    }

    /** With room for so many. */
    IdMap(boolean timed, int expected) {
        this.timed = timed;
        int places = SMALLEST;
        while (places < LARGEST && isFull(expected, places)) {
            places *= 2;
        }
        keys = new long[places];
        values = new int[places];
        times = new long[timed ? places : 0];
    }

    /** The key of an id, which must not be 0. */
    static long key(int table, int id) {
        return ((long) table << Integer.SIZE) | id;
    }

    static int table(long key) {
        return (int) (key >>> Integer.SIZE);
    }

    static int id(long key) {
        return (int) key;
    }

    /** How many ids there are. */
    int size() {
        return size;
    }

    /** How many places to look at when going through all. */
    int places() {
        return keys.length;
    }

    /** The place of a key; negative when it is not there. */
    int find(long key) {
        int place = place(key);
        for (long there = keys[place]; there != 0; there = keys[place]) {
            if (there == key) {
                return place;
            }
            place = (place + 1) & (keys.length - 1);
        }
        return -1;
    }

    /** Puts in a key that is not there, and returns its place. */
    int put(long key, int value, long time) {
        if (isFull(size + 1, keys.length)) {
            grow();
        }
        size++;
        return store(key, value, time);
    }

    /** The key at a place; 0 where nothing is. */
    long key(int place) {
        return keys[place];
    }

    int value(int place) {
        return values[place];
    }

    void set(int place, int value) {
        values[place] = value;
    }

    /** The time at a place; 0 where times are not kept. */
    long time(int place) {
        return timed ? times[place] : 0;
    }

    /** Notes a time, if it is later than the one before. */
    void touch(int place, long time) {
        if (timed && time > times[place]) {
            times[place] = time;
        }
    }

    /** All keys, in order. */
    long[] sortedKeys() {
        long[] sorted = new long[size];
        int count = 0;
        for (long key : keys) {
            if (key != 0) {
                sorted[count++] = key;
            }
        }
        Arrays.sort(sorted);
        return sorted;
    }

    private int store(long key, int value, long time) {
        int place = place(key);
        while (keys[place] != 0) {
            place = (place + 1) & (keys.length - 1);
        }
        keys[place] = key;
        values[place] = value;
        if (timed) {
            times[place] = time;
        }
        return place;
    }

    private void grow() {
        if (keys.length == LARGEST) {
            throw new IllegalStateException("growing tables hold " + size
                    + " ids, and there is no room for more: raise admit_after, lower evict_after_days or use hash");
        }
        long[] oldKeys = keys;
        int[] oldValues = values;
        long[] oldTimes = times;
        keys = new long[2 * oldKeys.length];
        values = new int[keys.length];
        times = new long[timed ? keys.length : 0];
        for (int place = 0; place < oldKeys.length; place++) {
            if (oldKeys[place] != 0) {
                store(oldKeys[place], oldValues[place], timed ? oldTimes[place] : 0);
            }
        }
    }

    private static boolean isFull(int size, int places) {
        return size > places / 3L * 2;
    }

    private int place(long key) {
        return (int) (mix(key) >>> 32) & (keys.length - 1);
    }

    /** Spreads the bits of a number (SplitMix64's finaliser). */
    static long mix(long number) {
        long z = (number ^ (number >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
