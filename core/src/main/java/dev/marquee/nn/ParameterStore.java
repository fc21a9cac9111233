package dev.marquee.nn;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a network is built into: its tensors by name, made when a layer asks for them. A replica's store hands out those of
 * the store that it shares.
 */
final class ParameterStore {
    final DType type;
    final Arena arena = Arena.open("parameters");
    final Map<String, Tensor> trainable = new LinkedHashMap<>();
    final Map<String, Tensor> frozen = new LinkedHashMap<>();
    final Map<String, Tensor> buffers = new LinkedHashMap<>();
    final Map<String, Tensor> sliced = new LinkedHashMap<>();
    final List<EmbeddingTable> tables = new ArrayList<>();
    final List<GrowingRows> growing = new ArrayList<>();
    final Sharding sharding;
    final Device device;
    private final @Nullable ParameterStore shared;
    private boolean complete;

    /**
     * An empty store.
     *
     * @param shared whose tensors this one's will be; null for its own
     * @param sharding which rows of tables this process keeps
     * @param device where all tensors are but the tables
     */
    ParameterStore(DType type, @Nullable ParameterStore shared, Sharding sharding, Device device) {
        this.type = type;
        this.shared = shared;
        this.sharding = sharding;
        this.device = device;
    }

    /** Nothing may be asked for any more. */
    void complete() {
        complete = true;
    }

    /** A leaf that an optimiser changes, unless it is frozen where the tensors come from. */
    Tensor parameter(String name, Initializer initializer, long... shape) {
        requireFree(name);
        Tensor tensor = add(name, initializer, shape);
        boolean learns = shared == null || shared.trainable.containsKey(name);
        (learns ? trainable : frozen).put(name, tensor);
        return learns ? tensor.set_requires_grad(true) : tensor;
    }

    /** A tensor without a gradient. */
    Tensor buffer(String name, Initializer initializer, long... shape) {
        requireFree(name);
        Tensor tensor = add(name, initializer, shape);
        buffers.put(name, tensor);
        return tensor;
    }

    EmbeddingTable table(String name, NewTables.Wanted wanted) {
        wanted.slices().forEach(slice -> requireFree(name + slice.name()));
        EmbeddingTable table = shared == null
                ? NewTables.make(name, wanted, new NewTables.Owner(type, arena, sliced, sharding, device))
                : EmbeddingTable.like(shared.tables, name, wanted.slices());
        tables.add(table);
        return table;
    }

    GrowingRows growing(List<GrowingRows.Table> of, int fixedRows) {
        if (shared != null) {
            growing.add(shared.growing.get(growing.size()));
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

    private Tensor add(String name, Initializer initializer, long... shape) {
        if (complete) {
            throw new IllegalStateException("the network is complete: " + name + " comes too late");
        }
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            if (shared != null) {
                return arena.keep(shared.existing(name).detach());
            }
            Tensor tensor = Tensors.empty(type, shape);
            initializer.fill(tensor);
            return arena.keep(device.put(tensor));
        }
    }

    private Tensor existing(String name) {
        for (Map<String, Tensor> kind : List.of(trainable, frozen, buffers)) {
            Tensor tensor = kind.get(name);
            if (tensor != null) {
                return tensor;
            }
        }
        throw new IllegalStateException("the network that is shared has no " + name);
    }

    private void requireFree(String name) {
        if (trainable.containsKey(name)
                || frozen.containsKey(name)
                || buffers.containsKey(name)
                || sliced.containsKey(name)) {
            throw new IllegalStateException("two parameters are named " + name);
        }
    }
}
