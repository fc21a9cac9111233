package dev.marquee.launch;

/** Says which worker failed first, and why the group was not started again. */
public final class LaunchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what happened.
     *
     * @param message for people to read
     */
    public LaunchException(String message) {
        super(message);
    }
}
