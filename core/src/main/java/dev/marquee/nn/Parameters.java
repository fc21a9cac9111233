package dev.marquee.nn;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * All that a network learns or remembers, by name, in the order in which its layers asked for it. Layers take their
 * tensors from here when they are built; the optimiser, the checkpoint and a second replica find them here too. It owns
 * the tensors: close it when the network is not needed any more.
 *
 * <p>Names are PyTorch's: {@code fc1.weight}, with a dot between a layer and what is inside it.
 */
public final class Parameters implements AutoCloseable {
    private final DType type;
    private final Arena arena = Arena.open("parameters");
    private final Map<String, Tensor> trainable = new LinkedHashMap<>();
    private final Map<String, Tensor> buffers = new LinkedHashMap<>();
    private final Map<String, Tensor> sliced = new LinkedHashMap<>();
    private final List<EmbeddingTable> tables = new ArrayList<>();

    private Parameters(DType type) {
        this.type = type;
    }

    /**
     * An empty set.
     *
     * @param type the element type of all parameters, a floating-point one
     * @return the set; close it
     */
    public static Parameters create(DType type) {
        if (!type.isFloating()) {
            throw new IllegalArgumentException("parameters need a floating-point type, not " + type);
        }
        return new Parameters(type);
    }

    /**
     * The place where the outermost layer takes its parameters from.
     *
     * @return the root of all names
     */
    public Path root() {
        return new Path("");
    }

    /**
     * The element type of the parameters.
     *
     * @return a floating-point type
     */
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
     * What a weights file holds: the embedding tables, the trainable tensors, the buffers ({@code state_dict()}).
     *
     * @return tensors by name
     */
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>(sliced);
        state.putAll(trainable);
        state.putAll(buffers);
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
     * The number of values in embedding tables.
     *
     * @return at least 0
     */
    public long embeddingCount() {
        return tables.stream().mapToLong(table -> table.weight().numel()).sum();
    }

    /**
     * Copies values into the parameters and buffers. Strict: nothing is copied unless every name and shape fits.
     *
     * @param values tensors by name; converted to this set's type
     * @param source where they come from, for the message: a file's name
     * @throws IllegalArgumentException listing all missing, unexpected and misshapen tensors
     */
    public void load(Map<String, Tensor> values, String source) {
        StrictCopy.copy(values, state(), source, "the model", false);
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
    }

    private void requireFree(String name) {
        if (trainable.containsKey(name) || buffers.containsKey(name) || sliced.containsKey(name)) {
            throw new IllegalStateException("two parameters are named " + name);
        }
    }

    private EmbeddingTable addTable(
            String name, List<EmbeddingTable.Slice> slices, int width, Initializer initializer) {
        long total = slices.stream().mapToLong(EmbeddingTable.Slice::rows).sum();
        if (slices.isEmpty() || total > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("embedding tables need 1 to 2,147,483,647 rows in all, not " + total);
        }
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Tensor weight = arena.keep(Tensors.empty(type, total, width));
            initializer.fill(weight);
            long first = 0;
            for (EmbeddingTable.Slice slice : slices) {
                String full = name + slice.name();
                requireFree(full);
                Tensor rows = weight.narrow(0, first, slice.rows());
                rows.select(0, 0).zero_(); // padding
                sliced.put(full, arena.keep(rows));
                first += slice.rows();
            }
            EmbeddingTable table = new EmbeddingTable(name, slices, weight);
            tables.add(table);
            return table;
        }
    }

    private Tensor add(Map<String, Tensor> into, String name, Initializer initializer, long... shape) {
        requireFree(name);
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Tensor tensor = arena.keep(Tensors.empty(type, shape));
            initializer.fill(tensor);
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

        /**
         * The element type of the parameters.
         *
         * @return a floating-point type
         */
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
         * @throws IllegalStateException when the name is taken
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
            return addTable(prefix, slices, width, initializer);
        }
    }
}
