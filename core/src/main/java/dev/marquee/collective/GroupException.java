package dev.marquee.collective;

/** Says which member of a group was lost, or why members cannot train together. */
public final class GroupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean loss;

    /**
     * Says what happened and what to do.
     *
     * @param message for people to read
     */
    public GroupException(String message) {
        super(message);
        this.loss = false;
    }

    /**
     * Says what happened and what to do.
     *
     * @param message for people to read
     * @param cause what the engine said
     */
    public GroupException(String message, Throwable cause) {
        super(message, cause);
        this.loss = false;
    }

    private GroupException(String message, Throwable cause, boolean loss) {
        super(message, cause);
        this.loss = loss;
    }

    /**
     * A group that has lost a member, or all contact.
     *
     * @param message names the lost member
     * @param cause what the engine said
     * @return the exception
     */
    static GroupException loss(String message, Throwable cause) {
        return new GroupException(message, cause, true);
    }

    /**
     * Whether the group has lost a member, or contact with the others, so that the same training may go well another time;
     * not where members differ in what they want, which they would do again.
     *
     * @return true for a loss
     */
    public boolean isLoss() {
        return loss;
    }
}
