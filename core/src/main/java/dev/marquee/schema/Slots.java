package dev.marquee.schema;

/**
 * The slots of an open-addressing hash table (linear probing): each holds the upper half of a hash, so that values are
 * compared only where they are almost surely equal, and an entry's number, counted from 1; 0 is a free slot.
 */
final class Slots {
    private static final int SMALLEST = 16;
    private static final int LARGEST = 1 << 30;

    private Slots() {}

    /** Free slots for so many entries, at most two thirds of them to be taken. */
    static long[] forEntries(int entries) {
        long wanted = Math.max(SMALLEST, entries + entries / 2L + 1);
        return new long[(int) Math.min(LARGEST, Long.highestOneBit(wanted - 1) * 2)];
    }

    static boolean isFull(long[] slots, int entries) {
        return entries + entries / 2L + 1 > slots.length && slots.length < LARGEST;
    }

    /** How many entries fit into any table. */
    static int most() {
        return LARGEST / 4 * 3;
    }

    static long slot(long hash, int entry) {
        return (hash & 0xFFFFFFFF00000000L) | (entry + 1);
    }

    static boolean sameHash(long slot, long hash) {
        return (slot ^ hash) >>> 32 == 0;
    }

    static int entry(long slot) {
        return (int) slot - 1;
    }

    /** Puts an entry that is known to be new. */
    static void put(long[] slots, long hash, int entry) {
        int at = (int) hash & slots.length - 1;
        while (slots[at] != 0) {
            at = at + 1 & slots.length - 1;
        }
        slots[at] = slot(hash, entry);
    }
}
