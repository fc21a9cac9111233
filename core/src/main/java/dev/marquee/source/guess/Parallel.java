package dev.marquee.source.guess;

import dev.marquee.schema.BagFeature;
import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.SequenceFeature;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds lists that tell of the same events, such as the ads that a user saw and their slots: where two of them have the
 * same number of elements in every row, they stand side by side in one history.
 */
final class Parallel {
    private final Overlap overlap;

    Parallel(Overlap overlap) {
        this.overlap = overlap;
    }

    /** The same decisions, those of lists beside a history changed. */
    List<Decision> of(List<Decision> decisions) {
        List<Decision> joined = new ArrayList<>(decisions);
        for (int i = 0; i < joined.size(); i++) {
            Decision first = joined.get(i);
            if (!(feature(first) instanceof SequenceFeature history)
                    || first.columns().size() > 1) {
                continue;
            }
            for (int k = 0; k < joined.size(); k++) {
                Decision other = joined.get(k);
                boolean open = feature(other) instanceof BagFeature
                        || (k > i
                                && feature(other) instanceof SequenceFeature sequence
                                && sequence.history().equals(sequence.name()));
                if (open && other.columns().size() == 1 && overlap.parallel(length(first), length(other))) {
                    joined.set(k, beside(history, other));
                }
            }
        }
        return joined;
    }

    private Decision beside(SequenceFeature history, Decision other) {
        String name = other.columns().get(0);
        SequenceFeature own = feature(other) instanceof SequenceFeature sequence ? sequence : sequence(other, name);
        SequenceFeature joined = new SequenceFeature(
                name,
                List.of(),
                own.separator(),
                own.target(),
                own.table(),
                own.minimumCount(),
                own.maximumIds(),
                own.hash(),
                history.maximumLength(),
                history.keep(),
                history.history());
        return new Decision(
                other.columns(),
                Optional.of(joined),
                other.reason() + ", as many as in " + history.name() + " in every row: the same history");
    }

    private static SequenceFeature sequence(Decision decision, String name) {
        BagFeature bag = (BagFeature) feature(decision);
        SequenceFeature d = SequenceFeature.DEFAULT;
        return new SequenceFeature(
                name,
                List.of(),
                bag.separator(),
                bag.table(),
                Optional.empty(),
                bag.minimumCount(),
                bag.maximumIds(),
                bag.hash(),
                d.maximumLength(),
                d.keep(),
                name);
    }

    private static String length(Decision decision) {
        String column = ColumnFacts.quoted(decision.columns().get(0));
        String length = separated(decision)
                ? "CASE WHEN " + column + " = '' THEN 0 ELSE len(string_split(" + column + ", '" + separator(decision)
                        + "')) END"
                : "len(" + column + ")";
        return "coalesce(" + length + ", 0)";
    }

    /** Whether the column holds texts rather than lists: what was found says so. */
    private static boolean separated(Decision decision) {
        return decision.reason().startsWith(Several.TEXTS);
    }

    private static String separator(Decision decision) {
        FeatureConfig feature = feature(decision);
        return feature instanceof BagFeature bag ? bag.separator() : ((SequenceFeature) feature).separator();
    }

    private static @Nullable FeatureConfig feature(Decision decision) {
        return decision.feature().orElse(null);
    }
}
