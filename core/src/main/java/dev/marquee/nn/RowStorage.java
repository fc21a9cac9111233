package dev.marquee.nn;

/** What the rows of embedding tables are kept as. They are computed with as the network's own type all the same. */
public enum RowStorage {
    /** The network's own type. */
    FLOAT32,
    /** Half precision: 2 bytes a value. */
    FLOAT16,
    /** Integers from -127 to 127, a byte each, and a scale for each row, 2 bytes. */
    INT8
}
