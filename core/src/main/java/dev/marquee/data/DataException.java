package dev.marquee.data;

/**
 * Data is missing or faulty; the message names the file, the place in it and what was expected, in one sentence that
 * can be shown to a user as it is.
 *
 * <p>Unchecked: a program can rarely do more about it than to pass the message on.
 */
public final class DataException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Made with a message.
     *
     * @param message the file, the offset, what was expected and what was found
     */
    public DataException(String message) {
        super(message);
    }

    /**
     * Made with a message and a cause.
     *
     * @param message the file, the offset, what was expected and what was found
     * @param cause what the system reported
     */
    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
