package dev.marquee.schema;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The values that have an id of their own, in the order of their ids. It lives in its stored form (see
 * docs/schema.md): 8 bytes of name, the number of values, a checksum, then each value's length and bytes. Besides the
 * bytes it takes 4 bytes a value to find them and 12 to 24 for a hash table.
 */
final class Vocabulary implements IdTable {
    private static final long NAME =
            ByteBuffer.wrap("MARQVOC1".getBytes(StandardCharsets.US_ASCII)).getLong();
    private static final int HEADER = 24;
    private static final int MOST_BYTES = Integer.MAX_VALUE - 64;

    /** Values of at most so many bytes are compared and hashed as one number. */
    private static final int SHORT = Long.BYTES;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] blob;
    private final int[] starts;
    private final long[] slots;

    private Vocabulary(byte[] blob, int[] starts, String name) {
        this.blob = blob;
        this.starts = starts;
        slots = Slots.forEntries(starts.length);
        for (int i = 0; i < starts.length; i++) {
            int length = Varint.read(blob, starts[i]);
            int from = starts[i] + Varint.size(length);
            long hash = hash(blob, from, from + length);
            if (find(hash, blob, from, from + length) >= 0) {
                throw damaged(name, "it holds a value twice");
            }
            Slots.put(slots, hash, i);
        }
    }

    /** Gathers values, in the order of their ids. */
    static final class Builder {
        private final byte[] blob;
        private final int[] starts;
        private int at = HEADER;
        private int count;

        /** For so many different values, of so many bytes with their lengths in front. */
        Builder(int values, int bytes) {
            blob = new byte[HEADER + bytes];
            starts = new int[values];
        }

        void add(byte[] bytes, int from, int to) {
            starts[count++] = at;
            at = Varint.write(to - from, blob, at);
            System.arraycopy(bytes, from, blob, at, to - from);
            at += to - from;
        }

        Vocabulary build() {
            ByteBuffer header = ByteBuffer.wrap(blob).putLong(NAME).order(ByteOrder.LITTLE_ENDIAN);
            header.putLong(count).putLong(XxHash64.hash(blob, HEADER, blob.length));
            return new Vocabulary(blob, starts, "new");
        }
    }

    /** Of different values, in the order of their ids. */
    static Vocabulary of(List<String> values) {
        List<byte[]> encoded = values.stream()
                .map(value -> value.getBytes(StandardCharsets.UTF_8))
                .toList();
        int bytes = encoded.stream()
                .mapToInt(value -> Varint.size(value.length) + value.length)
                .sum();
        Builder builder = new Builder(encoded.size(), bytes);
        encoded.forEach(value -> builder.add(value, 0, value.length));
        return builder.build();
    }

    /** Whether values of so many bytes, lengths included, can be stored. */
    static boolean fits(long bytes) {
        return bytes <= MOST_BYTES - HEADER;
    }

    /**
     * Reads the stored form, which is kept and must not change any more.
     *
     * @throws IllegalArgumentException if it is damaged
     */
    static Vocabulary read(byte[] blob, String name) {
        if (blob.length < HEADER || ByteBuffer.wrap(blob).getLong() != NAME) {
            throw damaged(name, "it does not begin as a vocabulary does");
        }
        ByteBuffer header = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN).position(8);
        long count = header.getLong();
        if (header.getLong() != XxHash64.hash(blob, HEADER, blob.length)) {
            throw damaged(name, "its checksum is not that of its bytes");
        }
        if (count < 0 || count > blob.length - HEADER) {
            throw damaged(name, "it claims " + count + " values in " + blob.length + " bytes");
        }
        int[] starts = new int[(int) count];
        long at = HEADER;
        for (int i = 0; i < starts.length; i++) {
            starts[i] = (int) at;
            int length = 0;
            int shift = 0;
            byte next;
            do {
                next = at < blob.length && shift < 32 ? blob[(int) at++] : -1;
                length |= (next & 0x7F) << shift;
                shift += 7;
            } while (next < 0 && shift < 35);
            at += length;
            if (length < 0 || at > blob.length || Varint.size(length) * 7 != shift) {
                throw damaged(name, "value " + i + " ends behind its end");
            }
        }
        if (at != blob.length) {
            throw damaged(name, (blob.length - at) + " bytes stand behind its last value");
        }
        return new Vocabulary(blob, starts, name);
    }

    @Override
    public int id(byte[] value, int from, int to) {
        int entry = find(hash(value, from, to), value, from, to);
        return entry < 0 ? Ids.UNKNOWN : Ids.FIRST + entry;
    }

    @Override
    public int rows() {
        return Ids.FIRST + starts.length;
    }

    @Override
    public String value(int id) {
        check(id);
        if (id < Ids.FIRST) {
            return IdTable.super.value(id);
        }
        int start = starts[id - Ids.FIRST];
        int length = Varint.read(blob, start);
        return new String(blob, start + Varint.size(length), length, StandardCharsets.UTF_8);
    }

    /** The stored form; not a copy. */
    byte[] blob() {
        return blob;
    }

    /** How many bytes of memory it takes. */
    long memory() {
        return blob.length + 4L * starts.length + 8L * slots.length;
    }

    /** The entry of a value; -1 where it has none. */
    private int find(long hash, byte[] value, int from, int to) {
        return isShort(from, to) ? findShort(hash, word(value, from, to), to - from) : findLong(hash, value, from, to);
    }

    private int findShort(long hash, long word, int length) {
        int mask = slots.length - 1;
        for (int at = (int) hash & mask; slots[at] != 0; at = at + 1 & mask) {
            if (Slots.sameHash(slots[at], hash)) {
                int entry = Slots.entry(slots[at]);
                int first = starts[entry] + 1; // a short length takes one byte
                if (blob[first - 1] == length && word(blob, first, first + length) == word) {
                    return entry;
                }
            }
        }
        return -1;
    }

    private int findLong(long hash, byte[] value, int from, int to) {
        int mask = slots.length - 1;
        for (int at = (int) hash & mask; slots[at] != 0; at = at + 1 & mask) {
            if (Slots.sameHash(slots[at], hash)) {
                int entry = Slots.entry(slots[at]);
                int start = starts[entry];
                int length = Varint.read(blob, start);
                int first = start + Varint.size(length);
                if (Arrays.equals(blob, first, first + length, value, from, to)) {
                    return entry;
                }
            }
        }
        return -1;
    }

    private static boolean isShort(int from, int to) {
        return to - from <= SHORT && to > from;
    }

    /** Is kept nowhere, so it need not be that of hashed ids. */
    private static long hash(byte[] value, int from, int to) {
        if (!isShort(from, to)) {
            return XxHash64.hash(value, from, to);
        }
        long mixed = (word(value, from, to) + to - from) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
        return mixed ^ (mixed >>> 32);
    }

    /** The bytes of a short value as one number, the first the lowest. */
    private static long word(byte[] bytes, int from, int to) {
        if (from + SHORT <= bytes.length) {
            return (long) LONGS.get(bytes, from) & (-1L >>> (Byte.SIZE * (SHORT - (to - from))));
        }
        long word = 0;
        for (int i = to - 1; i >= from; i--) {
            word = (word << Byte.SIZE) | (bytes[i] & 0xFF);
        }
        return word;
    }

    private static IllegalArgumentException damaged(String name, String why) {
        return new IllegalArgumentException("the vocabulary " + name + " is damaged: " + why
                + "; take the schema from another checkpoint or train anew");
    }
}
