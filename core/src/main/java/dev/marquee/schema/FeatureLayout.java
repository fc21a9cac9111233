package dev.marquee.schema;

import java.util.List;
import java.util.Optional;

/**
 * What a model needs to know of a schema: what the tensors of a batch hold.
 *
 * @param dense the numbers, in the order of their columns in the batch's {@code "dense"} tensor
 * @param tables the tables of ids
 * @param fields the categorical features, in the order of their columns in the batch's {@code "ids"} tensor
 * @param bags the features of any number of values; each is a tensor of the batch, {@code "bag.NAME"}
 * @param sequences the ordered features; each is a tensor of the batch, {@code "sequence.NAME"}
 * @param labels the labels, in the order of the columns of the batch's target
 */
public record FeatureLayout(
        List<Dense> dense,
        List<Table> tables,
        List<Field> fields,
        List<Bag> bags,
        List<Sequence> sequences,
        List<Label> labels) {
    /** Copies the lists. */
    public FeatureLayout {
        dense = List.copyOf(dense);
        tables = List.copyOf(tables);
        fields = List.copyOf(fields);
        bags = List.copyOf(bags);
        sequences = List.copyOf(sequences);
        labels = List.copyOf(labels);
    }

    /**
     * A number, which may be encoded in several values.
     *
     * @param name the feature
     * @param offset the first of its columns
     * @param size how many columns it has
     */
    public record Dense(String name, int offset, int size) {}

    /**
     * A table of ids.
     *
     * @param name its name
     * @param rows how many ids it has, those of {@link Ids} included
     * @param growing how its rows come and go, where they do
     */
    public record Table(String name, int rows, Optional<GrowingTableConfig> growing) {
        /**
         * A table that has all its rows from the start.
         *
         * @param name its name
         * @param rows how many
         */
        public Table(String name, int rows) {
            this(name, rows, Optional.empty());
        }
    }

    /**
     * A categorical feature.
     *
     * @param name the feature
     * @param table the position of its table in {@link #tables}
     */
    public record Field(String name, int table) {}

    /**
     * A feature of any number of values.
     *
     * @param name the feature
     * @param table the position of its table in {@link #tables}
     * @param maximumLength how many values it has at most
     * @param pooling how the embeddings become one
     */
    public record Bag(String name, int table, int maximumLength, BagFeature.Pooling pooling) {}

    /**
     * An ordered feature.
     *
     * @param name the feature
     * @param table the position of its table in {@link #tables}
     * @param maximumLength how many values it has at most
     * @param target the position in {@link #fields} of the feature that it is compared with; -1 for none
     * @param history sequences of the same history stand side by side
     */
    public record Sequence(String name, int table, int maximumLength, int target, String history) {}

    /**
     * A label.
     *
     * @param name its name
     * @param baseRate the share of ones among the training rows, by weight
     */
    public record Label(String name, double baseRate) {}

    /**
     * The number of columns of the batch's {@code "dense"} tensor.
     *
     * @return at least 0
     */
    public int denseSize() {
        return dense.stream().mapToInt(Dense::size).sum();
    }
}
