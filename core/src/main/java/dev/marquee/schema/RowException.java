package dev.marquee.schema;

/** A row that cannot be encoded, or a column that is not there. */
public final class RowException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /**
     * With a message.
     *
     * @param message names source, row and column, and says what to do
     */
    public RowException(String message) {
        super(message);
    }
}
