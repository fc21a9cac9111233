package dev.marquee.schema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A checked config, sorted out: the features by kind, in the order of the layout, and the tables they use. */
record Plan(
        List<DenseFeature> dense,
        List<TableSpec> tables,
        List<FieldSpec> fields,
        List<ListSpec> bags,
        List<ListSpec> sequences) {
    /** A table and how its ids are made. */
    record TableSpec(
            String name,
            int minimumCount,
            Optional<Integer> maximumIds,
            Optional<Integer> hash,
            Optional<GrowingTableConfig> growing) {
        TableSpec(String name, int minimumCount, Optional<Integer> maximumIds, Optional<Integer> hash) {
            this(name, minimumCount, maximumIds, hash, Optional.empty());
        }

        /** Values of a growing table are hashed. */
        private TableSpec with(List<GrowingTableConfig> growing) {
            return growing.stream()
                    .filter(config -> config.table().equals(name))
                    .findFirst()
                    .map(config -> new TableSpec(
                            name,
                            minimumCount,
                            maximumIds,
                            Optional.of(hash.orElse(GrowingTableConfig.IDS)),
                            Optional.of(config)))
                    .orElse(this);
        }
    }

    /** A categorical feature; its table by position. */
    record FieldSpec(String name, String column, int table) {}

    /**
     * A bag or a sequence.
     *
     * @param last whether the end of a longer list counts, not its beginning
     * @param aligned whether missing elements keep their places
     */
    record ListSpec(
            FeatureConfig feature,
            List<String> columns,
            String separator,
            int maximumLength,
            boolean last,
            boolean aligned,
            int table) {}

    static Plan of(SchemaConfig config) {
        List<FeatureConfig> features = config.features();
        List<DenseFeature> dense = new ArrayList<>();
        List<FieldSpec> fields = new ArrayList<>();
        List<ListSpec> bags = new ArrayList<>();
        List<ListSpec> sequences = new ArrayList<>();
        Map<String, Integer> positions = new LinkedHashMap<>();
        List<TableSpec> tables = new ArrayList<>();
        for (FeatureConfig feature : features) {
            if (feature instanceof DenseFeature number) {
                dense.add(number);
                continue;
            }
            TableSpec spec = table(feature, features);
            int table = positions.computeIfAbsent(spec.name(), name -> {
                tables.add(spec.with(config.growing()));
                return tables.size() - 1;
            });
            List<String> columns = columns(feature);
            if (feature instanceof CategoricalFeature) {
                fields.add(new FieldSpec(feature.name(), columns.get(0), table));
            } else if (feature instanceof BagFeature bag) {
                bags.add(new ListSpec(bag, columns, bag.separator(), bag.maximumLength(), false, false, table));
            } else if (feature instanceof SequenceFeature sequence) {
                boolean last = sequence.keep() == SequenceFeature.Keep.LAST;
                sequences.add(new ListSpec(
                        sequence, columns, sequence.separator(), sequence.maximumLength(), last, true, table));
            }
        }
        return new Plan(
                List.copyOf(dense),
                List.copyOf(tables),
                List.copyOf(fields),
                List.copyOf(bags),
                List.copyOf(sequences));
    }

    /** The bags, then the sequences. */
    List<ListSpec> lists() {
        List<ListSpec> lists = new ArrayList<>(bags);
        lists.addAll(sequences);
        return lists;
    }

    /** The columns that a feature reads. */
    static List<String> columns(FeatureConfig feature) {
        if (feature instanceof DenseFeature dense) {
            return List.of(dense.source());
        }
        if (feature instanceof CategoricalFeature categorical) {
            return List.of(categorical.column().orElse(feature.name()));
        }
        List<String> columns =
                feature instanceof BagFeature bag ? bag.columns() : ((SequenceFeature) feature).columns();
        return columns.isEmpty() ? List.of(feature.name()) : columns;
    }

    /** The columns that features read. */
    static Set<String> columns(List<FeatureConfig> features) {
        Set<String> columns = new LinkedHashSet<>();
        features.forEach(feature -> columns.addAll(columns(feature)));
        return columns;
    }

    /** All columns that a schema reads. */
    static Set<String> columns(SchemaConfig config) {
        Set<String> columns = columns(config.features());
        config.labels().forEach(label -> columns.add(label.source()));
        config.weight().ifPresent(columns::add);
        config.group().ifPresent(columns::add);
        config.time().ifPresent(columns::add);
        return columns;
    }

    /** The table of a feature that is not dense, as its own keys, or those of its target, describe it. */
    static TableSpec table(FeatureConfig feature, List<FeatureConfig> features) {
        if (feature instanceof CategoricalFeature own) {
            return new TableSpec(own.table().orElse(own.name()), own.minimumCount(), own.maximumIds(), own.hash());
        }
        if (feature instanceof BagFeature own) {
            return new TableSpec(own.table().orElse(own.name()), own.minimumCount(), own.maximumIds(), own.hash());
        }
        SequenceFeature own = (SequenceFeature) feature;
        return target(own, features)
                .map(target -> table(target, features))
                .orElseGet(() -> new TableSpec(
                        own.table().orElse(own.name()), own.minimumCount(), own.maximumIds(), own.hash()));
    }

    /** The categorical feature that is a sequence's target. */
    static Optional<FeatureConfig> target(SequenceFeature sequence, List<FeatureConfig> features) {
        return features.stream()
                .filter(feature -> feature instanceof CategoricalFeature
                        && sequence.target().equals(Optional.of(feature.name())))
                .findFirst();
    }

    /** What models see, once the sizes are known. */
    FeatureLayout layout(List<DenseEncoder> encoders, List<IdTable> ids, List<FeatureLayout.Label> labels) {
        List<FeatureLayout.Dense> numbers = new ArrayList<>();
        int offset = 0;
        for (int i = 0; i < dense.size(); i++) {
            int size = encoders.get(i).size();
            numbers.add(new FeatureLayout.Dense(dense.get(i).name(), offset, size));
            offset += size;
        }
        List<FeatureLayout.Table> sizes = new ArrayList<>();
        for (int i = 0; i < tables.size(); i++) {
            sizes.add(new FeatureLayout.Table(
                    tables.get(i).name(), ids.get(i).rows(), tables.get(i).growing()));
        }
        List<String> names = fields.stream().map(FieldSpec::name).toList();
        return new FeatureLayout(
                numbers,
                sizes,
                fields.stream()
                        .map(field -> new FeatureLayout.Field(field.name(), field.table()))
                        .toList(),
                bags.stream().map(Plan::bag).toList(),
                sequences.stream().map(list -> sequence(list, names)).toList(),
                labels);
    }

    private static FeatureLayout.Bag bag(ListSpec list) {
        BagFeature bag = (BagFeature) list.feature();
        return new FeatureLayout.Bag(bag.name(), list.table(), bag.maximumLength(), bag.pooling());
    }

    private static FeatureLayout.Sequence sequence(ListSpec list, List<String> fields) {
        SequenceFeature sequence = (SequenceFeature) list.feature();
        int target = sequence.target().map(fields::indexOf).orElse(-1);
        return new FeatureLayout.Sequence(
                sequence.name(), list.table(), sequence.maximumLength(), target, sequence.history());
    }
}
