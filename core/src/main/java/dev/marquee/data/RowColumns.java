package dev.marquee.data;

import dev.marquee.config.EditDistance;
import dev.marquee.source.RowSource;
import java.util.Collection;
import java.util.List;

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
        String hint = EditDistance.nearest(missing.get(0), known)
                .map(name -> "; did you mean \"" + name + "\"?")
                .orElse("");
        throw new DataException(source.description() + " has no column "
                + String.join(
                        ", ", missing.stream().map(name -> "\"" + name + "\"").toList())
                + ", only " + String.join(", ", known) + hint);
    }
}
