package dev.marquee.schema;

/** From values to ids. */
sealed interface IdTable permits Vocabulary, HashedIds, ValueCounter {
    /** The id of the value whose UTF-8 bytes stand from one index to before another. */
    int id(byte[] value, int from, int to);

    /**
     * The ids of a column's values; no value and an empty text are {@link Ids#MISSING}.
     *
     * @param ids where they go
     * @param offset the place of the first row's
     * @param stride how far the next row's is behind
     */
    default void ids(RawColumn.Texts texts, int[] ids, int offset, int stride) {
        byte[] bytes = texts.bytes();
        for (int row = 0, at = offset; row < texts.rows(); row++, at += stride) {
            int from = texts.offset(row);
            int to = texts.offset(row + 1);
            ids[at] = texts.isNull(row) || from == to ? Ids.MISSING : id(bytes, from, to);
        }
    }

    /** How many ids there are, those of {@link Ids} included. */
    int rows();

    /** The value behind an id, or a word in parentheses. */
    default String value(int id) {
        return switch (id) {
            case Ids.PADDING -> "(padding)";
            case Ids.MISSING -> "(missing)";
            case Ids.UNKNOWN -> "(unknown)";
            default -> "(hash " + (id - Ids.FIRST) + ")";
        };
    }

    /** Refuses an id that the table does not have. */
    default void check(int id) {
        if (id < 0 || id >= rows()) {
            throw new IllegalArgumentException("there is no id " + id + ": the table has ids 0 to " + (rows() - 1));
        }
    }
}
