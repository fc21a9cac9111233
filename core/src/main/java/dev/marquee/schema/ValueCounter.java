package dev.marquee.schema;

import java.util.Arrays;

/**
 * Counts values while a vocabulary is learnt: bytes in pages that are never moved, a hash table besides; about 25 to 40
 * bytes a value and those of the value itself.
 */
final class ValueCounter implements IdTable {
    private static final int PAGE = 1 << 20;
    private static final int FIRST_CAPACITY = 64;

    private final String table;
    private byte[][] pages = new byte[4][];
    private int page = -1;
    private int free = PAGE;
    private long[] addresses = new long[FIRST_CAPACITY];
    private int[] counts = new int[FIRST_CAPACITY];
    private long[] slots = Slots.forEntries(FIRST_CAPACITY);
    private int size;

    /** For a table of this name. */
    ValueCounter(String table) {
        this.table = table;
    }

    @Override
    public int id(byte[] value, int from, int to) {
        long hash = XxHash64.hash(value, from, to);
        int mask = slots.length - 1;
        int at = (int) hash & mask;
        for (; slots[at] != 0; at = at + 1 & mask) {
            if (Slots.sameHash(slots[at], hash)) {
                int entry = Slots.entry(slots[at]);
                if (equal(entry, value, from, to)) {
                    // Stops at the largest: of two values that frequent the order hardly matters.
                    counts[entry] = counts[entry] == Integer.MAX_VALUE ? Integer.MAX_VALUE : counts[entry] + 1;
                    return Ids.FIRST + entry;
                }
            }
        }
        if (size == addresses.length) {
            grow();
        }
        addresses[size] = store(value, from, to);
        counts[size] = 1;
        slots[at] = Slots.slot(hash, size);
        size++;
        if (Slots.isFull(slots, size)) {
            rehash();
        }
        return Ids.FIRST + size - 1;
    }

    @Override
    public int rows() {
        return Ids.FIRST + size;
    }

    /**
     * The values that occurred often enough, the most frequent first, those of equal counts by their bytes (unsigned).
     * The counter is spent then.
     */
    Vocabulary vocabulary(int minimumCount, int maximumIds) {
        slots = new long[0]; // makes room
        int[] order = new ValueOrder(this).order(minimumCount);
        int kept = Math.min(order.length, maximumIds);
        long bytes = 0;
        for (int i = 0; i < kept; i++) {
            int length = length(order[i]);
            bytes += Varint.size(length) + length;
        }
        if (!Vocabulary.fits(bytes)) {
            throw new RowException("the " + kept + " values of table " + table + " take " + bytes
                    + " bytes, and 2 GiB is the most: raise minimum_count, set maximum_ids, or hash them");
        }
        Vocabulary.Builder builder = new Vocabulary.Builder(kept, (int) bytes);
        for (int i = 0; i < kept; i++) {
            int from = start(order[i]);
            builder.add(bytes(order[i]), from, from + length(order[i]));
        }
        return builder.build();
    }

    /** How many bytes of memory it takes. */
    long memory() {
        return (page + 1L) * PAGE + 8L * addresses.length + 4L * counts.length + 8L * slots.length;
    }

    private boolean equal(int entry, byte[] value, int from, int to) {
        int start = start(entry);
        return Arrays.equals(bytes(entry), start, start + length(entry), value, from, to);
    }

    int count(int entry) {
        return counts[entry];
    }

    /** The array that holds the value. */
    byte[] bytes(int entry) {
        return pages[(int) (addresses[entry] >>> 32)];
    }

    int length(int entry) {
        return Varint.read(bytes(entry), (int) addresses[entry]);
    }

    /** Where the value begins in its array. */
    int start(int entry) {
        return (int) addresses[entry] + Varint.size(length(entry));
    }

    private long store(byte[] value, int from, int to) {
        int length = to - from;
        int needed = Varint.size(length) + length;
        if (needed > PAGE - free) {
            if (++page == pages.length) {
                pages = Arrays.copyOf(pages, 2 * page);
            }
            pages[page] = new byte[Math.max(PAGE, needed)];
            free = 0;
        }
        long address = (long) page << 32 | free;
        int at = Varint.write(length, pages[page], free);
        System.arraycopy(value, from, pages[page], at, length);
        free += needed;
        return address;
    }

    private void grow() {
        if (size >= Slots.most()) {
            throw new RowException("table " + table + " has more than " + size + " different values: hash them");
        }
        int capacity = (int) Math.min(Slots.most(), size + size / 2L);
        addresses = Arrays.copyOf(addresses, capacity);
        counts = Arrays.copyOf(counts, capacity);
    }

    private void rehash() {
        slots = new long[2 * slots.length];
        for (int entry = 0; entry < size; entry++) {
            int from = start(entry);
            Slots.put(slots, XxHash64.hash(bytes(entry), from, from + length(entry)), entry);
        }
    }
}
