package dev.marquee.launch;

import java.nio.charset.StandardCharsets;

/**
 * Why an attempt ended.
 *
 * @param kind what follows from it
 * @param text who failed, and how
 */
record Failure(Kind kind, String text) {
    /** What follows. */
    enum Kind {
        /** A worker was lost, which may go well next time. */
        LOSS,
        /** A worker says itself why it cannot go on, and would again. */
        FAULT,
        /** A person wants it. */
        STOP
    }

    byte[] toBytes() {
        return (kind + " " + text).getBytes(StandardCharsets.UTF_8);
    }

    static Failure of(byte[] bytes) {
        String all = new String(bytes, StandardCharsets.UTF_8);
        int space = all.indexOf(' ');
        return new Failure(Kind.valueOf(all.substring(0, space)), all.substring(space + 1));
    }
}
