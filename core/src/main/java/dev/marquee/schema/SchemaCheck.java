package dev.marquee.schema;

import dev.marquee.config.EditDistance;
import dev.marquee.config.Faults;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the contradictions among features, labels and the other columns of a schema. */
final class SchemaCheck {
    private final SchemaConfig config;
    private final Faults faults;

    private SchemaCheck(SchemaConfig config, Faults faults) {
        this.config = config;
        this.faults = faults;
    }

    /** Reports by keys relative to the section that has the components of a {@link SchemaConfig}. */
    static void check(SchemaConfig config, Faults faults) {
        SchemaCheck check = new SchemaCheck(config, faults);
        if (config.features().isEmpty()) {
            faults.add("features", "is empty: name at least one feature; `marquee init` proposes them");
        }
        if (config.labels().isEmpty()) {
            faults.add("labels", "is empty: name at least one label");
        }
        check.names(
                "features", config.features().stream().map(FeatureConfig::name).toList());
        check.names("labels", config.labels().stream().map(LabelConfig::name).toList());
        check.labels();
        for (int i = 0; i < config.features().size(); i++) {
            check.feature(config.features().get(i), "features[" + i + "]");
        }
        TableCheck tables = new TableCheck(config.features(), faults);
        tables.check();
        tables.growing(config.growing(), config.time().isPresent());
        check.sides();
    }

    private void names(String list, List<String> names) {
        Map<String, Integer> first = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            String key = list + "[" + i + "].name";
            Integer earlier = first.putIfAbsent(names.get(i), i);
            if (names.get(i).isEmpty()) {
                faults.add(key, "is empty: give it a name");
            } else if (earlier != null) {
                faults.add(key, names.get(i) + " is the name of " + list + "[" + earlier + "] too: each needs its own");
            }
        }
    }

    private void labels() {
        for (int i = 0; i < config.labels().size(); i++) {
            LabelConfig label = config.labels().get(i);
            if (label.column().filter(String::isEmpty).isPresent()) {
                faults.add("labels[" + i + "].column", "is empty: name a column, or leave the key out");
            }
            if (label.positive().contains("")) {
                faults.add(
                        "labels[" + i + "].positive",
                        "holds an empty text, which never counts as 1: rows with none have no label");
            }
        }
    }

    private void feature(FeatureConfig feature, String key) {
        List<String> columns = Plan.columns(feature);
        Set<String> seen = new LinkedHashSet<>();
        boolean isList = feature instanceof BagFeature || feature instanceof SequenceFeature;
        boolean hasColumnKey = !columns.equals(List.of(feature.name()));
        for (int i = 0; i < columns.size(); i++) {
            String column = columns.get(i);
            String at = key + (!hasColumnKey ? ".name" : isList ? ".columns[" + i + "]" : ".column");
            if (column.isEmpty() && hasColumnKey) {
                faults.add(at, "is empty: name a column, or leave the key out");
            } else if (!seen.add(column)) {
                faults.add(at, column + " is in the list twice");
            }
            leak(column, at);
        }
        Optional<String> separator = feature instanceof BagFeature bag
                ? Optional.of(bag.separator())
                : feature instanceof SequenceFeature sequence ? Optional.of(sequence.separator()) : Optional.empty();
        if (separator.filter(String::isEmpty).isPresent()) {
            faults.add(key + ".separator", "is empty: give what stands between the values of a text, such as \"|\"");
        }
        if (feature instanceof SequenceFeature sequence) {
            target(sequence, key);
            history(sequence, key);
        }
    }

    private void leak(String column, String key) {
        for (LabelConfig label : config.labels()) {
            if (label.source().equals(column) && !column.isEmpty()) {
                faults.add(
                        key,
                        column + " is the column of label " + label.name()
                                + ": the model would see what it has to predict (a leak); leave the feature out");
            }
        }
        if (config.weight().filter(column::equals).isPresent()) {
            faults.add(
                    key,
                    column + " is the column of the rows' weight, which says nothing of the rows themselves: leave the"
                            + " feature or the key weight out");
        }
    }

    private void target(SequenceFeature sequence, String key) {
        if (sequence.target().isEmpty()) {
            return;
        }
        String target = sequence.target().get();
        if (Plan.target(sequence, config.features()).isEmpty()) {
            boolean other = config.features().stream()
                    .anyMatch(feature -> feature.name().equals(target));
            List<String> categorical = config.features().stream()
                    .filter(CategoricalFeature.class::isInstance)
                    .map(FeatureConfig::name)
                    .toList();
            faults.add(
                    key + ".target",
                    other
                            ? target
                                    + " is not a categorical feature: name the one of the candidate that the values are"
                                    + " compared with"
                            : "there is no feature " + target
                                    + EditDistance.nearest(target, categorical)
                                            .map(near -> ": did you mean " + near + "?")
                                            .orElse(": name a categorical one"));
            return;
        }
        String why = " is that of the target " + target + ", whose table the sequence shares: leave the key out";
        sequence.table().ifPresent(table -> faults.add(key + ".table", "the table" + why));
        sequence.hash().ifPresent(hash -> faults.add(key + ".hash", "the number" + why));
        sequence.maximumIds().ifPresent(most -> faults.add(key + ".maximum_ids", "the number" + why));
        if (sequence.minimumCount() != SequenceFeature.DEFAULT.minimumCount()) {
            faults.add(key + ".minimum_count", "the number" + why);
        }
    }

    private void history(SequenceFeature sequence, String key) {
        if (sequence.history().isEmpty()) {
            faults.add(key + ".history", "is empty: give a name, the same to sequences that stand side by side");
            return;
        }
        for (FeatureConfig feature : config.features()) {
            if (feature == sequence) {
                return;
            }
            if (feature instanceof SequenceFeature earlier && earlier.history().equals(sequence.history())) {
                String beside = "but " + earlier.name() + ", of the same history " + sequence.history() + ", ";
                if (earlier.maximumLength() != sequence.maximumLength()) {
                    faults.add(
                            key + ".maximum_length",
                            sequence.maximumLength() + ", " + beside + "has " + earlier.maximumLength()
                                    + ": sequences that stand side by side have one length");
                }
                if (earlier.keep() != sequence.keep()) {
                    faults.add(
                            key + ".keep",
                            lower(sequence.keep()) + ", " + beside + "keeps the " + lower(earlier.keep())
                                    + ": sequences that stand side by side keep the same end");
                }
                return;
            }
        }
    }

    private static String lower(SequenceFeature.Keep keep) {
        return keep == SequenceFeature.Keep.FIRST ? "first" : "last";
    }

    private void sides() {
        Map<String, Optional<String>> sides = new LinkedHashMap<>();
        sides.put("weight", config.weight());
        sides.put("group", config.group());
        sides.put("time", config.time());
        sides.forEach((key, column) -> {
            if (column.filter(String::isEmpty).isPresent()) {
                faults.add(key, "is empty: name a column, or leave the key out");
            }
        });
        config.weight().ifPresent(column -> {
            for (LabelConfig label : config.labels()) {
                if (label.source().equals(column) && !column.isEmpty()) {
                    faults.add("weight", column + " is the column of label " + label.name() + ": name another");
                }
            }
        });
    }
}
