package dev.marquee.spark;

/**
 * How a worker ended, as the workers tell each other.
 *
 * @param kind whether it was well, and otherwise whether another time may be better
 * @param text why, or where it can be reached
 */
record Ending(Kind kind, String text) {
    /** How. */
    enum Kind {
        /** Well. */
        DONE,
        /** It cannot go on, and could not another time. */
        FAULT,
        /** It was lost, or has lost another one: another time may go well. */
        LOSS
    }

    static Ending done(String text) {
        return new Ending(Kind.DONE, text);
    }

    static Ending fault(String text) {
        return new Ending(Kind.FAULT, text);
    }

    static Ending loss(String text) {
        return new Ending(Kind.LOSS, text);
    }

    static Ending parse(String written) {
        int colon = written.indexOf(':');
        return new Ending(Kind.valueOf(written.substring(0, colon)), written.substring(colon + 1));
    }

    String written() {
        return kind + ":" + text;
    }
}
