package dev.marquee.export;

import dev.marquee.data.Batch;
import dev.marquee.model.DenseInput;
import dev.marquee.schema.BagFeature;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How a row enters a ranking network: the inputs of the graph, embeddings of ids, and the numbers. The counterpart of the
 * package {@code model}'s sparse arch, fields and row input.
 */
final class RowGraph {
    private static final String BATCH = "batch";

    private final Graph graph;
    private final FeatureLayout layout;
    private final Map<String, Value> inputs = new LinkedHashMap<>();
    private final Map<String, Value> masks = new LinkedHashMap<>();
    private final Weights.Place root;
    private final boolean embedNumbers;
    private final boolean histories;
    private @Nullable Value embeddings;

    /**
     * Declares the inputs.
     *
     * @param root the place of all weights
     * @param embedNumbers whether numbers become embeddings rather than stand beside them
     * @param histories whether the network reads the sequences that have a target itself
     */
    RowGraph(Weights.Place root, FeatureLayout layout, boolean embedNumbers, boolean histories) {
        this.graph = root.graph();
        this.layout = layout;
        this.root = root;
        this.embedNumbers = embedNumbers;
        this.histories = histories;
        if (layout.denseSize() > 0) {
            inputs.put(Batch.DENSE, graph.input(Batch.DENSE, DType.FLOAT32, BATCH, "" + layout.denseSize()));
        }
        if (!layout.fields().isEmpty()) {
            inputs.put(
                    Batch.IDS,
                    graph.input(
                            Batch.IDS, DType.INT64, BATCH, "" + layout.fields().size()));
        }
        layout.bags().forEach(bag -> ids(Batch.BAG + bag.name(), BATCH, "length." + bag.name()));
        // A size of its own: where the network allows it, one row of a history may stand for all candidates.
        layout.sequences()
                .forEach(sequence -> ids(
                        Batch.SEQUENCE + sequence.name(),
                        histories && sequence.target() >= 0 ? BATCH + "." + sequence.history() : BATCH,
                        "time." + sequence.history()));
    }

    static RowGraph of(Weights.Place root, FeatureLayout layout, DenseInput dense) {
        return new RowGraph(root, layout, dense == DenseInput.EMBEDDED, false);
    }

    Graph graph() {
        return graph;
    }

    FeatureLayout layout() {
        return layout;
    }

    /** The numbers: {@code [batch, dense size]}. */
    Value numbers() {
        return input(Batch.DENSE);
    }

    boolean hasNumbers() {
        return layout.denseSize() > 0;
    }

    boolean hasIds() {
        return !layout.tables().isEmpty();
    }

    /** The logits of a logistic regression: {@code [batch, labels]}. */
    Value wide() {
        Value bias = root.constant("bias");
        Value logits = bias;
        if (hasIds()) {
            logits = graph.add(graph.sum(all(root.child("linear"), true), 1, false), bias);
        }
        if (!hasNumbers()) {
            return logits;
        }
        Value ofNumbers = graph.linear(numbers(), root.child("dense").constant("weight"), null);
        return graph.add(ofNumbers, logits);
    }

    /** The embeddings of fields, bags and pooled sequences, and of the numbers where these have some: {@code [batch, count, width]}. */
    Value embeddings() {
        Value made = embeddings;
        if (made == null) {
            List<Value> parts = new ArrayList<>();
            if (hasIds()) {
                parts.add(all(root.child("embedding"), false));
            }
            if (embedNumbers && hasNumbers()) {
                parts.add(embeddedNumbers());
            }
            made = graph.concat(1, parts);
            embeddings = made;
        }
        return made;
    }

    /** What perceptrons see: {@code [batch, inputs]}. */
    Value vector() {
        return graph.concat(1, vectorParts());
    }

    List<Value> vectorParts() {
        List<Value> parts = new ArrayList<>();
        if (count() > 0) {
            parts.add(flat(embeddings()));
        }
        if (hasNumbers() && !embedNumbers) {
            parts.add(numbers());
        }
        return parts;
    }

    /** Side by side: {@code [batch, count, width]} to {@code [batch, count · width]}. */
    Value flat(Value fields) {
        return graph.reshape(fields, -1, (long) count() * width());
    }

    /** The number of embeddings. */
    int count() {
        return names().size() - (embedNumbers ? 0 : layout.dense().size());
    }

    /** The size of an embedding. */
    long width() {
        return hasIds()
                ? table(root.child("embedding"), layout.tables().get(0)).size(1)
                : root.tensor("numbers.weight").size(1);
    }

    /** Where each feature stands in {@link #vector()}: its name to its columns. */
    Map<String, long[]> columns() {
        Map<String, long[]> columns = new LinkedHashMap<>();
        long at = 0;
        int ids = names().size() - layout.dense().size();
        for (int i = 0; i < names().size(); i++) {
            long size = i < ids || embedNumbers
                    ? width()
                    : layout.dense().get(i - ids).size();
            columns.put(names().get(i), LongStream.range(at, at + size).toArray());
            at += size;
        }
        return columns;
    }

    /** The size of {@link #vector()}. */
    long size() {
        return columns().values().stream().mapToLong(some -> some.length).sum();
    }

    /** The embedding of a field: {@code [batch, width]}. */
    Value field(int field) {
        return graph.at(embeddings(), 1, field);
    }

    /** The embeddings of a sequence: {@code [batch, time, width]}. */
    Value sequence(int sequence) {
        FeatureLayout.Sequence of = layout.sequences().get(sequence);
        return rows(root.child("embedding"), of.table(), input(Batch.SEQUENCE + of.name()));
    }

    /** Where a sequence is filled up: {@code [batch, time]}. */
    Value padding(int sequence) {
        return padding(Batch.SEQUENCE + layout.sequences().get(sequence).name());
    }

    private Value padding(String name) {
        return masks.computeIfAbsent(name, some -> graph.equal(input(some), graph.numbers(0)));
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        layout.fields().forEach(field -> names.add(field.name()));
        layout.bags().forEach(bag -> names.add(bag.name()));
        pooled().forEach(sequence -> names.add(sequence.name()));
        layout.dense().forEach(number -> names.add(number.name()));
        return names;
    }

    private List<FeatureLayout.Sequence> pooled() {
        return layout.sequences().stream()
                .filter(sequence -> !histories || sequence.target() < 0)
                .toList();
    }

    /** One embedding for each field, bag and pooled sequence: {@code [batch, count, width]}. */
    private Value all(Weights.Place tables, boolean everySequence) {
        List<Value> parts = new ArrayList<>();
        for (int i = 0; i < layout.fields().size(); i++) {
            Value ids = graph.slice(input(Batch.IDS), 1, i, i + 1); // [batch, 1]
            parts.add(rows(tables, layout.fields().get(i).table(), ids)); // [batch, 1, width]
        }
        layout.bags()
                .forEach(bag -> parts.add(
                        pooled(tables, bag.table(), Batch.BAG + bag.name(), bag.pooling() == BagFeature.Pooling.MEAN)));
        (everySequence ? layout.sequences() : pooled())
                .forEach(sequence ->
                        parts.add(pooled(tables, sequence.table(), Batch.SEQUENCE + sequence.name(), true)));
        return graph.concat(1, parts);
    }

    private Value pooled(Weights.Place tables, int table, String name, boolean mean) {
        Value sum = graph.sum(rows(tables, table, input(name)), 1, true); // [batch, 1, width]
        if (!mean) {
            return sum;
        }
        Value real = graph.cast(graph.not(padding(name)), DType.FLOAT32);
        Value count = graph.max(graph.sum(real, 1, true), graph.number(1)); // [batch, 1]
        return graph.div(sum, graph.unsqueeze(count, 2));
    }

    private Value rows(Weights.Place tables, int table, Value ids) {
        String name = layout.tables().get(table).name();
        return graph.rows(tables.computed(name, table(tables, layout.tables().get(table))), ids);
    }

    private static Tensor table(Weights.Place tables, FeatureLayout.Table table) {
        return tables.tensor(table.name());
    }

    /** Each number's embedding: linear in its values, {@code [batch, numbers, width]}. */
    private Value embeddedNumbers() {
        Tensor weight = root.tensor("numbers.weight"); // [dense size, width]
        if (layout.denseSize() == layout.dense().size()) {
            return graph.mul(graph.unsqueeze(numbers(), 2), root.constant("numbers.weight"));
        }
        // One product: the weights of each number stand in the columns of its own embedding, zeros in the others'.
        long width = weight.size(1);
        Tensor wide = Tensors.zeros(DType.FLOAT32, layout.dense().size() * width, layout.denseSize());
        for (int i = 0; i < layout.dense().size(); i++) {
            FeatureLayout.Dense number = layout.dense().get(i);
            wide.narrow(0, i * width, width)
                    .narrow(1, number.offset(), number.size())
                    .copy_(weight.narrow(0, number.offset(), number.size()).t());
        }
        Value all = graph.linear(numbers(), root.computed("numbers.weight", wide), null);
        return graph.reshape(all, -1, layout.dense().size(), width);
    }

    private void ids(String name, String batch, String length) {
        inputs.put(name, graph.input(name, DType.INT64, batch, length));
    }

    private Value input(String name) {
        Value value = inputs.get(name);
        if (value == null) {
            throw new IllegalStateException("the graph has no input " + name);
        }
        return value;
    }
}
