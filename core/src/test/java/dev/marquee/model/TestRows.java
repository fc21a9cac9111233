package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.BagFeature;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Four rows of a small log, as arrays to work with by hand and as the batch that a model sees. Some ids occur twice, some
 * rows of the tables never, one bag and one history are empty, and none but the longest is without padding.
 */
@SuppressWarnings("ArrayRecordComponent") // rows are not compared
record TestRows(FeatureLayout layout, float[][] dense, int[][] ids, Map<String, int[][]> lists, float[][] target) {
    private static final FeatureLayout.Dense AGE = new FeatureLayout.Dense("age", 0, 1);
    private static final FeatureLayout.Dense PRICE = new FeatureLayout.Dense("price", 1, 2);
    private static final FeatureLayout.Dense HOUR = new FeatureLayout.Dense("hour", 3, 1);
    private static final List<FeatureLayout.Table> TABLES = List.of(
            new FeatureLayout.Table("user", 7),
            new FeatureLayout.Table("ad", 8),
            new FeatureLayout.Table("topic", 5),
            new FeatureLayout.Table("word", 6));
    private static final List<FeatureLayout.Field> FIELDS = List.of(
            new FeatureLayout.Field("user", 0), new FeatureLayout.Field("ad", 1), new FeatureLayout.Field("topic", 2));
    private static final List<FeatureLayout.Bag> BAGS = List.of(
            new FeatureLayout.Bag("words", 3, 3, BagFeature.Pooling.MEAN),
            new FeatureLayout.Bag("tags", 3, 2, BagFeature.Pooling.SUM));
    /** Two sequences of one history: which ads were seen, and their topics. */
    private static final List<FeatureLayout.Sequence> SEQUENCES = List.of(
            new FeatureLayout.Sequence("seen_ads", 1, 4, 1, "seen"),
            new FeatureLayout.Sequence("seen_topics", 2, 4, 2, "seen"));

    private static final List<FeatureLayout.Label> LABELS =
            List.of(new FeatureLayout.Label("click", 0.2), new FeatureLayout.Label("buy", 0.05));

    /** Numbers (one of them two values wide), fields, bags and a history, with one label. */
    static TestRows full() {
        return of(List.of(AGE, PRICE, HOUR), TABLES, FIELDS, BAGS, SEQUENCES, 1);
    }

    /** Numbers and fields only. */
    static TestRows plain() {
        return of(List.of(AGE, PRICE, HOUR), TABLES.subList(0, 3), FIELDS, List.of(), List.of(), 1);
    }

    /** Numbers only. */
    static TestRows numbersOnly() {
        return of(List.of(AGE, PRICE, HOUR), List.of(), List.of(), List.of(), List.of(), 1);
    }

    /** The same rows without numbers. */
    TestRows withoutNumbers() {
        return of(
                List.of(),
                layout.tables(),
                layout.fields(),
                layout.bags(),
                layout.sequences(),
                layout.labels().size());
    }

    /** The same rows with so many labels, at most two. */
    TestRows withLabels(int labels) {
        return of(layout.dense(), layout.tables(), layout.fields(), layout.bags(), layout.sequences(), labels);
    }

    /** The same values under another layout. */
    TestRows withLayout(FeatureLayout other) {
        return new TestRows(other, dense, ids, lists, target);
    }

    /** The first rows with other numbers, one array each. */
    TestRows withNumbers(float[]... numbers) {
        return new TestRows(layout, numbers, Arrays.copyOf(ids, numbers.length), lists, target);
    }

    /** The rows with their categorical ids the other way round. */
    TestRows withReversedIds() {
        int[][] reversed = Arrays.stream(ids)
                .map(row -> IntStream.range(0, row.length)
                        .map(i -> row[row.length - 1 - i])
                        .toArray())
                .toArray(int[][]::new);
        return new TestRows(layout, dense, reversed, lists, target);
    }

    private static TestRows of(
            List<FeatureLayout.Dense> dense,
            List<FeatureLayout.Table> tables,
            List<FeatureLayout.Field> fields,
            List<FeatureLayout.Bag> bags,
            List<FeatureLayout.Sequence> sequences,
            int labels) {
        FeatureLayout layout = new FeatureLayout(dense, tables, fields, bags, sequences, LABELS.subList(0, labels));
        float[][] numbers = {
            {0.5f, 1, 0.25f, -1.5f}, {-1.25f, 0.75f, 0, 0.5f}, {0, 0, 0, 2}, {2, 1, 1, -0.75f},
        };
        int[][] ids = {{3, 4, 2}, {5, 4, 3}, {3, 7, 4}, {1, 2, 2}};
        Map<String, int[][]> lists = Map.of(
                "words", new int[][] {{3, 4, 0}, {5, 0, 0}, {0, 0, 0}, {3, 3, 2}},
                "tags", new int[][] {{4, 5}, {3, 0}, {4, 0}, {0, 0}},
                "seen_ads", new int[][] {{4, 5, 6, 0}, {0, 0, 0, 0}, {3, 7, 4, 5}, {6, 0, 0, 0}},
                "seen_topics", new int[][] {{3, 2, 4, 0}, {0, 0, 0, 0}, {1, 4, 3, 2}, {4, 0, 0, 0}});
        float[][] target = {{1, 0}, {0, 0}, {1, 1}, {0, 0}};
        return new TestRows(layout, numbers, ids, lists, target);
    }

    int size() {
        return ids.length;
    }

    /** What a model sees of these rows, in the open scope. */
    Batch batch() {
        int columns = layout.labels().size();
        float[] labels = new float[size() * columns];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = target[i / columns][i % columns];
        }
        Map<String, Tensor> inputs = new HashMap<>();
        float[] numbers = new float[size() * layout.denseSize()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = dense[i / layout.denseSize()][i % layout.denseSize()];
        }
        inputs.put(
                Batch.DENSE,
                numbers.length == 0
                        ? Tensors.empty(DType.FLOAT32, size(), 0)
                        : Tensors.of(numbers, size(), layout.denseSize()));
        inputs.put(Batch.IDS, integers(ids, layout.fields().size()));
        layout.bags().forEach(bag -> inputs.put(Batch.BAG + bag.name(), integers(lists.get(bag.name()))));
        layout.sequences()
                .forEach(
                        sequence -> inputs.put(Batch.SEQUENCE + sequence.name(), integers(lists.get(sequence.name()))));
        return new Batch(inputs, Tensors.of(labels, size(), columns), size());
    }

    private static Tensor integers(int[][] rows) {
        return integers(rows, rows[0].length);
    }

    private static Tensor integers(int[][] rows, int columns) {
        long[] flat = new long[rows.length * columns];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = rows[i / columns][i % columns];
        }
        return columns == 0
                ? Tensors.empty(DType.INT32, rows.length, 0)
                : Tensors.of(flat, rows.length, columns).to(DType.INT32.scalarType());
    }

    /** What {@code SparseArch.Lookup.all} must give for a row, by hand: {@code [fields + bags + sequences][width]}. */
    double[][] embeddings(Parameters parameters, String prefix, int row) {
        List<double[]> all = new ArrayList<>();
        int width = layout.tables().isEmpty() ? 0 : embedding(parameters, prefix, 0, 0).length;
        for (int i = 0; i < layout.fields().size(); i++) {
            all.add(embedding(parameters, prefix, layout.fields().get(i).table(), ids[row][i]));
        }
        for (FeatureLayout.Bag bag : layout.bags()) {
            boolean mean = bag.pooling() == BagFeature.Pooling.MEAN;
            all.add(pool(sequence(parameters, prefix, bag.table(), bag.name(), row), mean, width));
        }
        for (FeatureLayout.Sequence sequence : layout.sequences()) {
            all.add(pool(sequence(parameters, prefix, sequence.table(), sequence.name(), row), true, width));
        }
        return all.toArray(double[][]::new);
    }

    /** The embeddings of a bag's or a sequence's values, those of padding left out. */
    double[][] sequence(Parameters parameters, String prefix, int table, String name, int row) {
        int[] values = lists.get(name)[row];
        return IntStream.of(values)
                .filter(id -> id != 0)
                .mapToObj(id -> embedding(parameters, prefix, table, id))
                .toArray(double[][]::new);
    }

    /** The embedding of an id. */
    double[] embedding(Parameters parameters, String prefix, int table, int id) {
        return matrix(parameters, prefix + layout.tables().get(table).name())[id];
    }

    private static double[] pool(double[][] vectors, boolean mean, int width) {
        double[] sum = new double[width];
        for (double[] vector : vectors) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += vector[i] / (mean ? vectors.length : 1);
            }
        }
        return sum;
    }

    /** A parameter as a matrix; a vector is one row, and leading dimensions are joined. */
    static double[][] matrix(Parameters parameters, String name) {
        Tensor tensor = parameters.state().get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(
                    "no " + name + " in " + parameters.state().keySet());
        }
        double[] flat = Tensors.toDoubles(tensor);
        int columns = (int) tensor.size(tensor.dim() - 1);
        double[][] matrix = new double[flat.length / columns][columns];
        for (int i = 0; i < flat.length; i++) {
            matrix[i / columns][i % columns] = flat[i];
        }
        return matrix;
    }

    /** Gives every parameter values between -0.7 and 0.7 that are the same in every run; padding stays zero. */
    static void fill(Parameters parameters) {
        Random random = new Random(20);
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            parameters
                    .state()
                    .forEach((name, tensor) -> set(
                            tensor, random.doubles(tensor.numel(), -0.7, 0.7).toArray()));
            Set<String> learnt = new HashSet<>(parameters.trainable().keySet());
            learnt.addAll(parameters.buffers().keySet());
            parameters.state().forEach((name, tensor) -> {
                if (!learnt.contains(name)) { // a table
                    tensor.select(0, 0).zero_();
                }
            });
        }
    }

    /** Gives one parameter its values, in row-major order. */
    static void set(Parameters parameters, String name, double... values) {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            set(parameters.state().get(name), values);
        }
    }

    private static void set(Tensor tensor, double... values) {
        tensor.copy_(Tensors.of(values, Tensors.shape(tensor)));
    }
}
