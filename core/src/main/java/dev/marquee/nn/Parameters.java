package dev.marquee.nn;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Scope;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private final @Nullable Parameters source;
    private final ParameterStore store;
    private Arena growingState = Arena.open("which rows growing tables have");
    private @Nullable FlatParameters flat;
    private @Nullable HalfWeights halves;

    private Parameters(DType type, @Nullable Parameters source, Sharding sharding, Device device) {
        this.source = source;
        this.store = new ParameterStore(type, source == null ? null : source.store, sharding, device);
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
        return create(type, sharding, Device.CPU);
    }

    /**
     * As {@link #create(DType, Sharding)}, on a device. First values are drawn in main memory, so they do not depend on it.
     * Embedding tables stay in main memory: a batch's rows are copied to the device, and their gradients back.
     */
    public static Parameters create(DType type, Sharding sharding, Device device) {
        if (!type.isFloating()) {
            throw new IllegalArgumentException("parameters need a floating-point type, not " + type);
        }
        return new Parameters(type, null, sharding, device);
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
        return store.type;
    }

    /** Where all of them are but the embedding tables. */
    public Device device() {
        return store.device;
    }

    /**
     * What an optimiser changes.
     *
     * @return tensors that require gradients, by name, in the order of creation; unmodifiable
     */
    public Map<String, Tensor> trainable() {
        return Collections.unmodifiableMap(store.trainable);
    }

    /** What {@link #freeze} took from the optimiser: tensors that require no gradients, by name; unmodifiable. */
    public Map<String, Tensor> frozen() {
        return Collections.unmodifiableMap(store.frozen);
    }

    /** What training changes otherwise, such as batch norm's running statistics: by name, in order; unmodifiable. */
    public Map<String, Tensor> buffers() {
        return Collections.unmodifiableMap(store.buffers);
    }

    /**
     * What a weights file holds: the embedding tables, the trainable and the frozen tensors, the buffers ({@code
     * state_dict()}), and of growing tables which rows their ids have.
     *
     * @return tensors by name; those of growing tables are valid until rows come or go, or the state is asked for again
     */
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>(store.sliced);
        state.putAll(store.trainable);
        state.putAll(store.frozen);
        state.putAll(store.buffers);
        if (!store.growing.isEmpty()) {
            growingState.close();
            growingState = Arena.open("which rows growing tables have");
            for (GrowingRows rows : store.growing) {
                rows.pools()
                        .forEach(pool -> state.put(pool.name(), pool.values().tensor()));
                state.putAll(GrowingState.write(rows, growingState));
            }
        }
        return state;
    }

    /** The embedding tables, whose rows an optimiser of their own changes, in the order of creation; unmodifiable. */
    public List<EmbeddingTable> tables() {
        return Collections.unmodifiableList(store.tables);
    }

    /** The number of trainable values, those of embedding tables left out. */
    public long count() {
        return store.trainable.values().stream().mapToLong(Tensor::numel).sum();
    }

    /** The number of values that keep what they were, those of embedding tables left out; 0 where nothing is frozen. */
    public long frozenCount() {
        return store.frozen.values().stream().mapToLong(Tensor::numel).sum();
    }

    /** The number of values in embedding tables, frozen ones too, over all processes. */
    public long embeddingCount() {
        return store.tables.stream()
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
        return Collections.unmodifiableList(store.growing);
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
        store.growing.forEach(rows -> anyRows.addAll(GrowingState.growing(rows)));
        StrictCopy.check(values, live, anyRows, source, "the model", false);
        List<GrowingRows.Content> contents = store.growing.stream()
                .map(rows -> GrowingState.read(rows, values, source))
                .toList();
        for (int i = 0; i < contents.size(); i++) {
            store.growing.get(i).restore(contents.get(i));
        }
        Map<String, Tensor> resized = store.growing.isEmpty() ? live : state();
        store.growing.forEach(rows -> resized.keySet().removeAll(GrowingState.names(rows)));
        StrictCopy.copy(values, resized);
        if (halves != null) {
            halves.stale();
        }
    }

    /**
     * Lets parameters and embedding tables keep their values: no gradient is computed for them, nor for what only they need,
     * and an optimiser does not change them. Replicas made afterwards have the same ones frozen. Buffers, such as the running
     * statistics of batch norm, go on following the batches.
     *
     * @param patterns names, such as {@code fc1.weight}; beginnings of names up to a dot, such as {@code fc1}; {@code *}
     *     stands for any text
     * @throws IllegalArgumentException when a pattern fits no name, or a growing table, or when nothing is left to learn
     * @throws IllegalStateException when the parameters have been brought together already ({@link #flat()})
     */
    public void freeze(List<String> patterns) {
        if (flat != null) {
            throw new IllegalStateException("parameters are frozen before an optimiser or a replica is made of them");
        }
        Freezing.freeze(store, patterns);
    }

    /**
     * The trainable tensors in one piece of memory. The first call moves them there; the network must be complete by then.
     *
     * @return the piece, owned by the set
     */
    public FlatParameters flat() {
        FlatParameters made = flat;
        if (made == null) {
            store.complete();
            List<Tensor> all = List.copyOf(store.trainable.values());
            made = source == null
                    ? new FlatParameters(all, store.type, store.device, store.arena)
                    : source.flat().replica(all, store.type, store.device, store.arena);
            flat = made;
        }
        return made;
    }

    /**
     * Copies of the dense parameters in bfloat16, which replicas have in common; the first call makes them.
     *
     * @return of the values at the last {@link HalfWeights#refresh()}
     * @throws IllegalStateException when the parameters are not float32
     */
    public HalfWeights halves() {
        HalfWeights made = halves;
        if (made == null) {
            if (store.type != DType.FLOAT32) {
                throw new IllegalStateException("copies in bfloat16 are of float32 parameters, not of " + store.type);
            }
            List<Tensor> all = List.copyOf(store.trainable.values());
            made = source == null
                    ? new HalfWeights(flat(), all, store.frozen, store.arena)
                    : new HalfWeights(source.halves(), all, store.frozen, store.arena);
            halves = made;
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
        return new Parameters(store.type, this, store.sharding, store.device);
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
                    .map(replica -> List.copyOf(replica.store.trainable.values()))
                    .toList());
        }
        EmbeddingTable.adopt(
                store.tables,
                replicas.stream().map(replica -> replica.store.tables).toList());
    }

    /** Drops all gradients ({@code zero_grad(set_to_none=True)}). */
    public void zeroGradients() {
        try (Scope scope = Scope.open()) {
            store.trainable.values().forEach(tensor -> tensor.mutable_grad().reset());
        }
        store.tables.forEach(EmbeddingTable::clear);
    }

    /** Frees the tensors. */
    @Override
    public void close() {
        store.arena.close();
        growingState.close();
        if (source == null) {
            store.growing.forEach(rows -> rows.pools().forEach(RowPool::close));
            store.tables.forEach(table -> table.shard().ifPresent(TableShard::release));
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
            return store.type;
        }

        /** Where the parameters are, embedding tables left out. */
        public Device device() {
            return store.device;
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
            return store.parameter(prefix + name, initializer, shape);
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
            return store.buffer(prefix + name, initializer, shape);
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
            return store.table(prefix, new NewTables.Wanted(slices, width, initializer, storage, null));
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
            return store.table(prefix, new NewTables.Wanted(slices, width, initializer, RowStorage.FLOAT32, rows));
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
            return store.growing(of, fixedRows);
        }
    }
}
