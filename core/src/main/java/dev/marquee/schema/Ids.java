package dev.marquee.schema;

/** The ids that mean the same in every table. */
public final class Ids {
    /** Fills up bags and sequences; its embedding is zero and never learns. */
    public static final int PADDING = 0;
    /** There was no value. */
    public static final int MISSING = 1;
    /** A value that the vocabulary does not hold. */
    public static final int UNKNOWN = 2;
    /** The first id of a value of its own; in a hashed table, all values have one from here on. */
    public static final int FIRST = 3;

    private Ids() {}
}
