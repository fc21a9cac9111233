package dev.marquee.collective;

/** Says which member of a group was lost, or why members cannot train together. */
public final class GroupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what happened and what to do.
     *
     * @param message for people to read
     */
    public GroupException(String message) {
        super(message);
    }

    /**
     * Says what happened and what to do.
     *
     * @param message for people to read
     * @param cause what the engine said
     */
    public GroupException(String message, Throwable cause) {
        super(message, cause);
    }
}
