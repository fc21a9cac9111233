package dev.marquee.schema;

import dev.marquee.config.EditDistance;
import dev.marquee.config.Faults;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

    /** Finds growing tables that are none. */
    void growing(List<GrowingTableConfig> growing, boolean hasTime) {
        Map<String, Plan.TableSpec> tables = new LinkedHashMap<>();
        for (FeatureConfig feature : features) {
            if (!(feature instanceof DenseFeature)) {
                Plan.TableSpec spec = Plan.table(feature, features);
                tables.putIfAbsent(spec.name(), spec);
            }
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < growing.size(); i++) {
            GrowingTableConfig config = growing.get(i);
            String key = "growing[" + i + "].";
            Plan.TableSpec spec = tables.get(config.table());
            if (spec == null) {
                faults.add(
                        key + "table",
                        "no feature has the table " + config.table()
                                + EditDistance.nearest(config.table(), List.copyOf(tables.keySet()))
                                        .map(near -> ": did you mean " + near + "?")
                                        .orElse(": name one of " + tables.keySet()));
            } else if (!seen.add(config.table())) {
                faults.add(key + "table", config.table() + " is in the list twice");
            } else if (spec.maximumIds().isPresent()) {
                faults.add(
                        key + "table",
                        config.table()
                                + " has maximum_ids, which has no effect on a growing table: leave one of the two"
                                + " out");
            }
            if (config.evictAfterDays().isPresent() && !hasTime) {
                faults.add(key + "evict_after_days", "needs data.time: the column that tells when a row happened");
            }
        }
    }
}
