package dev.marquee.cli.bench;

/** The other side of a comparison could not be started, or failed. The message is for the user. */
public final class PeerException extends Exception {
    private static final long serialVersionUID = 1;

    PeerException(String message) {
        super(message);
    }
}
