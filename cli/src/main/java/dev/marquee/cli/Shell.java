package dev.marquee.cli;

import java.nio.file.Path;

/** Commands that a user may copy from the output. */
final class Shell {
    private Shell() {}

    /** A path as one word of a command line. */
    static String word(Path path) {
        String text = path.toString();
        return text.matches("[\\p{L}\\p{N}_./:+@%=,\\\\-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
