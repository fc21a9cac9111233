package dev.marquee.schema;

import dev.marquee.config.Faults;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds features that share a table, yet not its settings. */
final class TableCheck {
    private final List<FeatureConfig> features;
    private final Faults faults;

    TableCheck(List<FeatureConfig> features, Faults faults) {
        this.features = features;
        this.faults = faults;
    }

    void check() {
        Map<String, FeatureConfig> first = new LinkedHashMap<>();
        for (int i = 0; i < features.size(); i++) {
            FeatureConfig feature = features.get(i);
            boolean follows = feature instanceof SequenceFeature sequence
                    && sequence.target().isPresent();
            if (feature instanceof DenseFeature || follows) {
                continue; // a sequence with a target takes the table as it is
            }
            String key = "features[" + i + "].";
            Plan.TableSpec spec = Plan.table(feature, features);
            FeatureConfig earlier = first.putIfAbsent(spec.name(), feature);
            if (earlier != null) {
                compare(feature.name(), spec, earlier.name(), Plan.table(earlier, features), key);
            } else if (spec.name().isEmpty() && !feature.name().isEmpty()) {
                faults.add(key + "table", "is empty: name a table, or leave the key out");
            }
            if (spec.hash().isPresent() && spec.maximumIds().isPresent()) {
                faults.add(key + "maximum_ids", "has no effect on a table with hash: leave one of the two out");
            }
        }
    }

    private void compare(String name, Plan.TableSpec spec, String earlier, Plan.TableSpec other, String key) {
        if (name.equals(earlier)) {
            return; // the names are at fault already
        }
        String end = " with " + earlier + " in table " + spec.name()
                + ": features of one table need the same settings, or a table of their own";
        if (!spec.hash().equals(other.hash())) {
            faults.add(key + "hash", differ(name, spec.hash(), earlier, other.hash(), "no hash") + end);
        } else if (spec.hash().isEmpty() && spec.minimumCount() != other.minimumCount()) {
            faults.add(
                    key + "minimum_count",
                    differ(name, Optional.of(spec.minimumCount()), earlier, Optional.of(other.minimumCount()), "none")
                            + end);
        }
        if (!spec.maximumIds().equals(other.maximumIds())) {
            faults.add(
                    key + "maximum_ids",
                    differ(name, spec.maximumIds(), earlier, other.maximumIds(), "no limit") + end);
        }
    }

    private static String differ(
            String name, Optional<Integer> value, String earlier, Optional<Integer> other, String none) {
        return name + " has " + value.map(String::valueOf).orElse(none) + ", " + earlier + " has "
                + other.map(String::valueOf).orElse(none) + ", but " + name + " shares its ids";
    }
}
