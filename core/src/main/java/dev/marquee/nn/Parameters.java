package dev.marquee.nn;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * All that a network learns or remembers, by name, in the order in which its layers asked for it. Layers take their
 * tensors from here when they are built; the optimiser, the checkpoint and a second replica find them here too. It owns
 * the tensors: close it when the network is not needed any more.
 *
 * <p>Names are PyTorch's: {@code fc1.weight}, with a dot between a layer and what is inside it.
 */
public final class Parameters implements AutoCloseable {
    private final DType type;
    private final @Nullable Parameters source;
    private final Sharding sharding;
    private final Arena arena = Arena.open("parameters");
    private final Map<String, Tensor> trainable = new LinkedHashMap<>();
    private final Map<String, Tensor> buffers = new LinkedHashMap<>();
    private final Map<String, Tensor> sliced = new LinkedHashMap<>();
    private final List<EmbeddingTable> tables = new ArrayList<>();
    private final List<GrowingRows> growing = new ArrayList<>();
    private Arena growingState = Arena.open("which rows growing tables have");
    private @Nullable FlatParameters flat;

    private Parameters(DType type, @Nullable Parameters source, Sharding sharding) {
        this.type = type;
        this.source = source;
        this.sharding = sharding;
    }

    /**
     * An empty set.
     *
     * @param type the element type of all parameters, a floating-point one
     * @return the set; close it
     */
    public static Parameters create(DType type) {
        return create(type, Sharding.NONE);
    }

    /** As {@link #create(DType)}, for a network whose tables several processes share, each of which keeps some rows. */
    public static Parameters create(DType type, Sharding sharding) {
        if (!type.isFloating()) {
            throw new IllegalArgumentException("parameters need a floating-point type, not " + type);
        }
        return new Parameters(type, null, sharding);
    }

    /**
     * The place where the outermost layer takes its parameters from.
     *
     * @return the root of all names
     */
    public Path root() {
        return new Path("");
    }

    /** The element type of the parameters, a floating-point one. */
    public DType type() {
        return type;
    }

    /**
     * What an optimiser changes.
     *
     * @return tensors that require gradients, by name, in the order of creation; unmodifiable
     */
    public Map<String, Tensor> trainable() {
        return Collections.unmodifiableMap(trainable);
    }

    /**
     * What training changes otherwise, such as batch norm's running statistics.
     *
     * @return tensors by name, in the order of creation; unmodifiable
     */
    public Map<String, Tensor> buffers() {
        return Collections.unmodifiableMap(buffers);
    }

    /**
     * What a weights file holds: the embedding tables, the trainable tensors, the buffers ({@code state_dict()}), and of
     * growing tables which rows their ids have.
     *
     * @return tensors by name; those of growing tables are valid until rows come or go, or the state is asked for again
     */
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>(sliced);
        state.putAll(trainable);
        state.putAll(buffers);
        if (!growing.isEmpty()) {
            growingState.close();
            growingState = Arena.open("which rows growing tables have");
            for (GrowingRows rows : growing) {
                rows.pools()
                        .forEach(pool -> state.put(pool.name(), pool.values().tensor()));
                state.putAll(GrowingState.write(rows, growingState));
            }
        }
        return state;
    }

    /**
     * The embedding tables, whose rows an optimiser of their own changes.
     *
     * @return in the order of creation; unmodifiable
     */
    public List<EmbeddingTable> tables() {
        return Collections.unmodifiableList(tables);
    }

    /**
     * The number of trainable values, those of embedding tables left out.
     *
     * @return how many numbers an optimiser changes
     */
    public long count() {
        return trainable.values().stream().mapToLong(Tensor::numel).sum();
    }

    /**
     * The number of values in embedding tables, over all processes.
     *
     * @return at least 0
     */
    public long embeddingCount() {
        return tables.stream()
                .mapToLong(table ->
                        table.count() + table.pool().map(RowPool::count).orElse(0L))
                .sum();
    }

    /**
     * Which rows the ids of growing tables have.
     *
     * @return one for all tables that are looked up together; unmodifiable
     */
    public List<GrowingRows> growing() {
        return Collections.unmodifiableList(growing);
    }

    /**
     * Copies values into the parameters and buffers. Strict: nothing is copied unless every name and shape fits. Growing
     * tables get as many rows as were saved; what an optimiser remembers of them is forgotten.
     *
     * @param values tensors by name; converted to this set's type
     * @param source where they come from, for the message: a file's name
     * @throws IllegalArgumentException listing all missing, unexpected and misshapen tensors
     */
    public void load(Map<String, Tensor> values, String source) {
        Map<String, Tensor> live = state();
        Set<String> anyRows = new HashSet<>();
        growing.forEach(rows -> anyRows.addAll(GrowingState.growing(rows)));
        StrictCopy.check(values, live, anyRows, source, "the model", false);
        List<GrowingRows.Content> contents = growing.stream()
                .map(rows -> GrowingState.read(rows, values, source))
                .toList();
        for (int i = 0; i < contents.size(); i++) {
            growing.get(i).restore(contents.get(i));
        }
        Map<String, Tensor> resized = growing.isEmpty() ? live : state();
        growing.forEach(rows -> resized.keySet().removeAll(GrowingState.names(rows)));
        StrictCopy.copy(values, resized);
    }

    /**
     * The trainable tensors in one piece of memory. The first call moves them there; the network must be complete by then.
     *
     * @return the piece, owned by the set
     */
    public FlatParameters flat() {
        FlatParameters made = flat;
        if (made == null) {
            List<Tensor> all = List.copyOf(trainable.values());
            made = source == null
                    ? new FlatParameters(all, type, arena)
                    : source.flat().replica(all, type, arena);
            flat = made;
        }
        return made;
    }

    /**
     * An empty set whose tensors will be this set's own, by name, with gradients apart: for a second network of the same
     * build, which sees every change of the weights and computes gradients on another thread. Rows of growing tables must
     * not come or go meanwhile.
     *
     * @return the set; close it before this one
     */
    public Parameters replica() {
        flat();
        return new Parameters(type, this, sharding);
    }

    /**
     * Brings together the gradients that replicas have left, summed in their order, as if this set's network had computed
     * them all.
     *
     * @param replicas made by {@link #replica()}; may begin with this set itself
     */
    public void sumGradients(List<Parameters> replicas) {
        if (replicas.size() > 1) {
            flat().sum(replicas.stream()
                    .map(replica -> List.copyOf(replica.trainable.values()))
                    .toList());
        }
        EmbeddingTable.adopt(
                tables, replicas.stream().map(replica -> replica.tables).toList());
    }

    /** Drops all gradients ({@code zero_grad(set_to_none=True)}). */
    public void zeroGradients() {
        try (Scope scope = Scope.open()) {
            trainable.values().forEach(tensor -> tensor.mutable_grad().reset());
        }
        tables.forEach(EmbeddingTable::clear);
    }

    /** Frees the tensors. */
    @Override
    public void close() {
        arena.close();
        growingState.close();
        if (source == null) {
            growing.forEach(rows -> rows.pools().forEach(RowPool::close));
            tables.forEach(table -> table.shard().ifPresent(TableShard::release));
        }
    }

    private void requireFree(String name) {
        if (trainable.containsKey(name) || buffers.containsKey(name) || sliced.containsKey(name)) {
            throw new IllegalStateException("two parameters are named " + name);
        }
    }

    private EmbeddingTable addTable(String name, NewTables.Wanted wanted) {
        wanted.slices().forEach(slice -> requireFree(name + slice.name()));
        EmbeddingTable table = source == null
                ? NewTables.make(name, wanted, new NewTables.Owner(type, arena, sliced, sharding))
                : EmbeddingTable.like(source.tables, name, wanted.slices());
        tables.add(table);
        return table;
    }

    private GrowingRows addGrowing(List<GrowingRows.Table> of, int fixedRows) {
        if (source != null) {
            growing.add(source.growing.get(growing.size()));
            return growing.get(growing.size() - 1);
        }
        try (Scope scope = Scope.open()) {
            Tensor seed = Tensors.empty(DType.INT64, 1);
            seed.random_(new GeneratorOptional());
            String prefix = growing.isEmpty() ? "growing." : "growing" + (growing.size() + 1) + ".";
            GrowingRows rows = new GrowingRows(prefix, of, fixedRows, Tensors.toLongs(seed)[0]);
            growing.add(rows);
            return rows;
        }
    }

    private Tensor add(Map<String, Tensor> into, String name, Initializer initializer, long... shape) {
        requireFree(name);
        if (flat != null) {
            throw new IllegalStateException("the network is complete: " + name + " comes too late");
        }
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Tensor tensor;
            if (source == null) {
                tensor = arena.keep(Tensors.empty(type, shape));
                initializer.fill(tensor);
            } else {
                tensor = arena.keep((into == trainable ? source.trainable : source.buffers)
                        .get(name)
                        .detach());
            }
            into.put(name, tensor);
            return tensor;
        }
    }

    /** A layer's place in the tree of names. */
    public final class Path {
        private final String prefix;

        private Path(String prefix) {
            this.prefix = prefix;
        }

        /**
         * The place of a layer inside this one.
         *
         * @param name its name here, without dots
         * @return its place
         */
        public Path child(String name) {
            return new Path(prefix + name + ".");
        }

        /** The element type of the parameters, a floating-point one. */
        public DType type() {
            return type;
        }

        /**
         * Makes a trainable parameter.
         *
         * @param name its name in this layer
         * @param initializer its first values
         * @param shape its shape
         * @return a leaf tensor that requires gradients, owned by the set
         * @throws IllegalStateException when the name is taken
         */
        public Tensor parameter(String name, Initializer initializer, long... shape) {
            Tensor tensor = add(trainable, prefix + name, initializer, shape);
            tensor.set_requires_grad(true);
            return tensor;
        }

        /**
         * Makes a tensor that is saved with the parameters but has no gradient.
         *
         * @param name its name in this layer
         * @param initializer its first values
         * @param shape its shape
         * @return a tensor owned by the set
         */
        public Tensor buffer(String name, Initializer initializer, long... shape) {
            return add(buffers, prefix + name, initializer, shape);
        }

        /**
         * Makes embedding tables of one width, side by side in one tensor. Each is saved under its own name.
         *
         * @param slices the tables, in order; the first row of each is padding and stays zero
         * @param width the size of an embedding, at least 1
         * @param initializer the first values
         * @return the tables, owned by the set
         * @throws IllegalStateException when a name is taken
         */
        public EmbeddingTable tables(List<EmbeddingTable.Slice> slices, int width, Initializer initializer) {
            return tables(slices, width, initializer, RowStorage.FLOAT32);
        }

        /**
         * Makes embedding tables whose rows may be kept in fewer bits.
         *
         * @param slices the tables, in order; the first row of each is padding and stays zero
         * @param width the size of an embedding, at least 1
         * @param initializer the first values
         * @param storage what the rows are kept as
         * @return the tables, owned by the set
         * @throws IllegalArgumentException when the set's type is not float32 and rows are to be kept as something else
         */
        public EmbeddingTable tables(
                List<EmbeddingTable.Slice> slices, int width, Initializer initializer, RowStorage storage) {
            return addTable(prefix, new NewTables.Wanted(slices, width, initializer, storage, null));
        }

        /**
         * Makes embedding tables of one width, some of which grow. Of a growing table the slice has the rows that are
         * always there.
         *
         * @param slices the tables, in order; the first row of each is padding and stays zero
         * @param width the size of an embedding, at least 1
         * @param initializer the first values; that of growing rows draws them one by one
         * @param rows which rows the ids of the growing tables have
         * @return the tables, owned by the set
         */
        public EmbeddingTable tables(
                List<EmbeddingTable.Slice> slices, int width, Initializer initializer, GrowingRows rows) {
            return addTable(prefix, new NewTables.Wanted(slices, width, initializer, RowStorage.FLOAT32, rows));
        }

        /**
         * Makes what knows the rows of growing tables, for tables of any width. It draws a seed from the engine's
         * generator.
         *
         * @param of the growing tables
         * @param fixedRows how many rows the slices of all tables have together
         * @return without any rows
         */
        public GrowingRows growing(List<GrowingRows.Table> of, int fixedRows) {
            return addGrowing(of, fixedRows);
        }
    }
}
