package dev.marquee.data;

import dev.marquee.schema.BagFeature;
import dev.marquee.schema.CategoricalFeature;
import dev.marquee.schema.DenseFeature;
import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.LabelConfig;
import dev.marquee.schema.SchemaConfig;
import dev.marquee.schema.SequenceFeature;
import dev.marquee.source.RowSource;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which columns of a source a schema reads. */
final class RowColumns {
    private RowColumns() {}

    /** The columns of the features: without them nothing can be encoded. */
    static Set<String> features(SchemaConfig config) {
        Set<String> names = new LinkedHashSet<>();
        for (FeatureConfig feature : config.features()) {
            if (feature instanceof DenseFeature dense) {
                names.add(dense.source());
            } else if (feature instanceof CategoricalFeature categorical) {
                names.add(categorical.column().orElse(categorical.name()));
            } else if (feature instanceof BagFeature bag) {
                names.addAll(bag.columns().isEmpty() ? List.of(bag.name()) : bag.columns());
            } else if (feature instanceof SequenceFeature sequence) {
                names.addAll(sequence.columns().isEmpty() ? List.of(sequence.name()) : sequence.columns());
            }
        }
        return names;
    }

    /** The columns of labels, weight, group and time: rows without them can still be scored. */
    static Set<String> outcomes(SchemaConfig config) {
        Set<String> names = new LinkedHashSet<>();
        config.labels().stream().map(LabelConfig::source).forEach(names::add);
        config.weight().ifPresent(names::add);
        config.group().ifPresent(names::add);
        config.time().ifPresent(names::add);
        return names;
    }

    /** Everything that training needs. */
    static Set<String> all(SchemaConfig config) {
        Set<String> names = features(config);
        names.addAll(outcomes(config));
        return names;
    }

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
