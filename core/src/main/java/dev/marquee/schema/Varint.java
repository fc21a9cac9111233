package dev.marquee.schema;

/** Lengths as in Protocol Buffers: seven bits a byte, the lowest first; the top bit tells that more follow. */
final class Varint {
    private Varint() {}

    static int size(int value) {
        int size = 1;
        for (int rest = value >>> 7; rest != 0; rest >>>= 7) {
            size++;
        }
        return size;
    }

    /** Writes; returns the index behind. */
    static int write(int value, byte[] bytes, int from) {
        int at = from;
        int rest = value;
        while (rest > 0x7F) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
        return at;
    }

    /** Reads what is known to be well-formed. */
    static int read(byte[] bytes, int from) {
        int at = from;
        int value = bytes[at] & 0x7F;
        for (int shift = 7; bytes[at] < 0; shift += 7) {
            value |= (bytes[++at] & 0x7F) << shift;
        }
        return value;
    }
}
