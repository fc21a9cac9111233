package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.GrowingRows;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.RowStorage;
import dev.marquee.schema.BagFeature;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.Ids;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The sparse part of a ranking network (the sparse arch of DLRM): from ids to embeddings. The ids of a batch are made
 * distinct once; all tables, of whatever width, gather by them.
 *
 * <p>Of a growing table, padding and the missing and unknown values have rows from the start, the others when they come.
 */
final class SparseArch {
    private final FeatureLayout layout;
    private final List<Integer> offsets = new ArrayList<>();
    private final GrowingIds growing;
    private final List<Column> columns = new ArrayList<>();
    private final List<Integer> pooled;
    private Device device = Device.CPU;

    /** An input of ids: the table of each of its columns, or of all, and that table's first row. */
    private record Column(String input, List<Integer> tables, List<Integer> offsets) {}

    /** Every sequence is pooled. */
    SparseArch(FeatureLayout layout) {
        this(layout, sequence -> true);
    }

    private SparseArch(FeatureLayout layout, Predicate<FeatureLayout.Sequence> pooled) {
        this.layout = layout;
        this.pooled = IntStream.range(0, layout.sequences().size())
                .filter(i -> pooled.test(layout.sequences().get(i)))
                .boxed()
                .toList();
        int offset = 0;
        for (FeatureLayout.Table table : layout.tables()) {
            offsets.add(offset);
            offset = Math.addExact(offset, fixedRows(table));
        }
        this.growing = new GrowingIds(layout.tables(), offsets, offset);
        columns.add(column(
                Batch.IDS,
                layout.fields().stream().map(FeatureLayout.Field::table).toList()));
        layout.bags().forEach(bag -> columns.add(column(Batch.BAG + bag.name(), List.of(bag.table()))));
        layout.sequences()
                .forEach(sequence -> columns.add(column(Batch.SEQUENCE + sequence.name(), List.of(sequence.table()))));
    }

    /** Whether there are any ids at all. */
    boolean isEmpty() {
        return layout.tables().isEmpty();
    }

    /** For networks that relate sequences to their targets: only those without a target are pooled. */
    static SparseArch besideHistories(FeatureLayout layout) {
        return new SparseArch(layout, sequence -> sequence.target() < 0);
    }

    /** The number of embeddings a row has: its fields, its bags, and its sequences that are pooled. */
    int size() {
        return layout.fields().size() + layout.bags().size() + pooled.size();
    }

    /** The names of these, in order. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        layout.fields().forEach(field -> names.add(field.name()));
        layout.bags().forEach(bag -> names.add(bag.name()));
        pooled.forEach(i -> names.add(layout.sequences().get(i).name()));
        return names;
    }

    /** Tables for all ids, of one width. Their names are those of the layout's tables. */
    EmbeddingTable tables(Parameters.Path path, int width, Initializer initializer) {
        return tables(path, width, initializer, RowStorage.FLOAT32);
    }

    /**
     * Likewise.
     *
     * @throws IllegalArgumentException when some of the tables grow, and are not to be kept as float32
     */
    EmbeddingTable tables(Parameters.Path path, int width, Initializer initializer, RowStorage storage) {
        if (storage != RowStorage.FLOAT32 && !growing.isEmpty()) {
            throw new IllegalArgumentException(
                    "model.embedding.storage=" + storage.name().toLowerCase(Locale.ROOT)
                            + " is for tables of a fixed size, but "
                            + layout.tables().stream()
                                    .filter(table -> table.growing().isPresent())
                                    .map(FeatureLayout.Table::name)
                                    .toList()
                            + " grow: leave it at float32, or leave out what makes them grow");
        }
        device = path.device();
        List<EmbeddingTable.Slice> slices = layout.tables().stream()
                .map(table -> new EmbeddingTable.Slice(table.name(), fixedRows(table)))
                .toList();
        return growing.isEmpty()
                ? path.tables(slices, width, initializer, storage)
                : path.tables(slices, width, initializer, growing.rows(path));
    }

    /** Makes the ids of a batch distinct. */
    Lookup look(Batch batch, Mode mode) {
        return new Lookup(distinct(batch, mode), batch.size(), mode);
    }

    /** The distinct rows of a batch, over all tables. */
    DistinctIds distinct(Batch batch, Mode mode) {
        growing.requireTimes(batch, mode);
        List<DistinctIds.Part> parts = new ArrayList<>();
        columns.forEach(column -> parts.add(part(column, batch, mode)));
        return DistinctIds.of(parts);
    }

    /** Gives the ids of a batch their rows in the growing tables of a network, in the order of {@link #look}. */
    Batch assign(Batch batch, GrowingRows rows) {
        growing.use(rows);
        growing.requireTimes(batch, Mode.TRAINING);
        Map<String, Tensor> inputs = new HashMap<>(batch.inputs());
        for (Column column : columns) {
            DistinctIds.Part part = part(column, batch, Mode.TRAINING);
            DistinctIds.RowFinder finder = part.finder();
            if (finder != null) {
                inputs.put(Batch.ROWS + column.input(), DistinctIds.found(part, finder));
            }
        }
        return new Batch(inputs, batch.target(), batch.size(), batch.weights(), batch.groups(), batch.times());
    }

    private DistinctIds.Part part(Column column, Batch batch, Mode mode) {
        Tensor assigned = batch.inputs().get(Batch.ROWS + column.input());
        if (assigned != null) {
            return new DistinctIds.Part(
                    assigned, Collections.nCopies(column.tables().size(), 0));
        }
        Tensor ids =
                column.tables().isEmpty() ? Tensors.empty(DType.INT32, batch.size(), 0) : batch.input(column.input());
        return new DistinctIds.Part(ids, column.offsets(), growing.finder(column.tables(), batch, mode));
    }

    private Column column(String input, List<Integer> tables) {
        return new Column(input, tables, tables.stream().map(offsets::get).toList());
    }

    private static int fixedRows(FeatureLayout.Table table) {
        return table.growing().isPresent() ? Ids.FIRST : table.rows();
    }

    /** The ids of one batch, to be looked up in any tables of this arch. */
    final class Lookup {
        private final DistinctIds ids;
        private final int size;
        private final Mode mode;
        private final IdentityHashMap<EmbeddingTable, Tensor> gathered = new IdentityHashMap<>();

        private Lookup(DistinctIds ids, int size, Mode mode) {
            this.ids = ids;
            this.size = size;
            this.mode = mode;
        }

        /** The embeddings of the fields: {@code [batch, fields, width]}. */
        Tensor fields(EmbeddingTable table) {
            return embed(table, 0);
        }

        /** The embedding of a bag, pooled: {@code [batch, width]}. */
        Tensor bag(EmbeddingTable table, int bag) {
            boolean mean = layout.bags().get(bag).pooling() == BagFeature.Pooling.MEAN;
            return pooled(table, 1 + bag, mean);
        }

        /** The embeddings of a sequence: {@code [batch, time, width]}, zeros at padding. */
        Tensor sequence(EmbeddingTable table, int sequence) {
            return forAll(embed(table, part(sequence)));
        }

        /** The mean embedding of a sequence: {@code [batch, width]}; zeros where it is empty. */
        Tensor meanOfSequence(EmbeddingTable table, int sequence) {
            return pooled(table, part(sequence), /* mean= */ true);
        }

        /** Where a sequence is filled up: {@code [batch, time]} bool, true for padding. */
        Tensor padding(int sequence) {
            return forAll(positions(part(sequence)).eq(new Scalar(0)));
        }

        /** One embedding for each field, each bag, and the mean of each pooled sequence: {@code [batch, size(), width]}. */
        Tensor all(EmbeddingTable table) {
            if (layout.bags().isEmpty() && pooled.isEmpty()) {
                return fields(table);
            }
            TensorVector parts = new TensorVector();
            parts.push_back(fields(table));
            for (int i = 0; i < layout.bags().size(); i++) {
                parts.push_back(bag(table, i).unsqueeze(1));
            }
            for (int i : pooled) {
                parts.push_back(meanOfSequence(table, i).unsqueeze(1));
            }
            return torch.cat(parts, 1);
        }

        /** Where the network is: tables count and gather in main memory. */
        private Tensor positions(int part) {
            return device.put(ids.positions(part));
        }

        private int part(int sequence) {
            return 1 + layout.bags().size() + sequence;
        }

        private Tensor pooled(EmbeddingTable table, int part, boolean mean) {
            Tensor sum = embed(table, part).sum(1); // [batch, width]
            if (!mean) {
                return forAll(sum);
            }
            Tensor count = positions(part)
                    .ne(new Scalar(0))
                    .sum(1)
                    .clamp_min(new Scalar(1))
                    .to(DType.FLOAT32.scalarType()); // [batch]
            return forAll(sum.div(count.unsqueeze(1)));
        }

        /** What all rows of the batch share was computed once. */
        private Tensor forAll(Tensor values) {
            if (values.size(0) == size) {
                return values;
            }
            long[] shape = Tensors.shape(values);
            shape[0] = size;
            return values.expand(shape);
        }

        private Tensor embed(EmbeddingTable table, int part) {
            Tensor rows = gathered.computeIfAbsent(table, some -> some.gather(ids, mode));
            return table.embed(ids, rows, part);
        }
    }
}
