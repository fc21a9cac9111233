package dev.marquee.source;

import java.util.Collection;
import java.util.stream.Collectors;

/** Writes names and texts as SQL does. */
final class Sql {
    private Sql() {}

    /** A name, quoted. */
    static String name(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** A text, quoted. */
    static String text(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** A list of texts. */
    static String texts(Collection<String> texts) {
        return texts.stream().map(Sql::text).collect(Collectors.joining(", ", "[", "]"));
    }
}
