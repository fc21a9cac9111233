package dev.marquee.nn;

/**
 * The linear maps of an attention and how it is cut.
 *
 * @param query {@code query_dim} to {@code heads * size}
 * @param key {@code key_dim} to {@code heads * size}
 * @param value {@code value_dim} to {@code heads * size}
 * @param heads the number of heads
 * @param size of a head
 * @param scale what the products of queries and keys are multiplied by
 */
record AttentionMaps(Linear query, Linear key, Linear value, int heads, int size, double scale) {
    int units() {
        return heads * size;
    }
}
