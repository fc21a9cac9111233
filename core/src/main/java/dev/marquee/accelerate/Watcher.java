package dev.marquee.accelerate;

/** Told how far the measurements are. Every method has a default that does nothing. */
public interface Watcher {
    /**
     * Something worth knowing, in a line.
     *
     * @param topic one word: {@code data}
     * @param message a line of text
     */
    default void notice(String topic, String message) {}

    /**
     * A part of the measurements begins.
     *
     * @param name what is measured
     * @param units of work in it, at least 1
     */
    default void phase(String name, long units) {}

    /**
     * A unit of the current part is done.
     *
     * @param units how many of its units are done by now
     */
    default void advanced(long units) {}

    /**
     * Whether to end with what is measured so far.
     *
     * @return true to stop
     */
    default boolean stopRequested() {
        return false;
    }
}
