package dev.marquee.schema;

/** Ids by hash: {@code 3 + XXH64(value) mod buckets}, the hash taken as an unsigned number. */
record HashedIds(int buckets) implements IdTable {
    @Override
    public int id(byte[] value, int from, int to) {
        return Ids.FIRST + (int) Long.remainderUnsigned(XxHash64.hash(value, from, to), buckets);
    }

    @Override
    public int rows() {
        return Ids.FIRST + buckets;
    }
}
