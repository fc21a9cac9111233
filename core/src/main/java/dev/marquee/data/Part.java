package dev.marquee.data;

import java.util.Locale;

/** What a row is for. */
enum Part {
    TRAINING,
    VALIDATION,
    TEST;

    /** The name in files and messages. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
