package dev.marquee.source;

/**
 * Rows cannot be read or written; the message names the file, the place in it and what to do, in words that can be shown
 * to a user as they are.
 *
 * <p>Unchecked: a program can rarely do more about it than to pass the message on.
 */
public final class SourceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Made with a message.
     *
     * @param message the file, the place, what was expected and what was found
     */
    public SourceException(String message) {
        super(message);
    }

    /**
     * Made with a message and a cause.
     *
     * @param message the file, the place, what was expected and what was found
     * @param cause what the system reported
     */
    public SourceException(String message, Throwable cause) {
        super(message, cause);
    }
}
