package dev.marquee.data;

import dev.marquee.source.RowSource;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** The columns that a source must have. */
final class RowColumns {
    private RowColumns() {}

    /** Refuses a source that lacks columns. */
    static void require(RowSource source, Collection<String> names) {
        List<String> known = source.columns();
        List<String> missing =
                names.stream().filter(name -> !known.contains(name)).toList();
        if (missing.isEmpty()) {
            return;
        }
        String hint = known.stream()
                .filter(name ->
                        name.toLowerCase(Locale.ROOT).equals(missing.get(0).toLowerCase(Locale.ROOT)))
                .findFirst()
                .map(name -> "; did you mean \"" + name + "\"?")
                .orElse("");
        throw new DataException(source.description() + " has no column "
                + String.join(
                        ", ", missing.stream().map(name -> "\"" + name + "\"").toList())
                + ", only " + String.join(", ", known) + hint);
    }
}
