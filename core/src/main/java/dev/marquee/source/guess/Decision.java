package dev.marquee.source.guess;

import dev.marquee.schema.FeatureConfig;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of a column, or of several that belong together.
 *
 * @param columns their names
 * @param feature the proposed feature; empty where they are left out
 * @param reason why, in words
 */
public record Decision(List<String> columns, Optional<FeatureConfig> feature, String reason) {
    /** Copies the list. */
    public Decision {
        columns = List.copyOf(columns);
    }

    static Decision leaveOut(ColumnFacts facts, String reason) {
        return new Decision(List.of(facts.name()), Optional.empty(), reason);
    }

    static Decision take(ColumnFacts facts, FeatureConfig feature, String reason) {
        return new Decision(List.of(facts.name()), Optional.of(feature), reason);
    }
}
