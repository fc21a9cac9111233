package dev.marquee.export;

import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.Ids;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The tensors of a network as a graph needs them: every table by its name in float32, whatever its rows are kept as. Of a
 * table that grows, the rows of the ids that have one stand behind the fixed ones, in the order of the ids.
 */
final class StoredTables {
    private static final String GROWING = "growing.";

    private final Parameters parameters;
    private final List<FeatureLayout.Table> growing;

    StoredTables(Parameters parameters, Optional<FeatureLayout> layout) {
        this.parameters = parameters;
        this.growing = layout.map(FeatureLayout::tables).orElse(List.of()).stream()
                .filter(table -> table.growing().isPresent())
                .toList();
    }

    /** The rows of a growing table. */
    private record Rows(List<Integer> ids, List<Long> numbers) {}

    /** All tensors, in the open scope where they are not the network's own. */
    Map<String, Tensor> weights() {
        Map<String, Tensor> state = new LinkedHashMap<>(parameters.state());
        Map<String, Tensor> weights = new LinkedHashMap<>();
        state.forEach((name, tensor) -> {
            if (!name.startsWith(GROWING) && !isScale(name)) {
                weights.put(name, floats(name, tensor, state));
            }
        });
        for (EmbeddingTable tables : parameters.tables()) {
            growing.forEach(table -> weights.computeIfPresent(
                    tables.name() + table.name(), (name, fixed) -> grown(tables.name(), fixed, table, state)));
        }
        return weights;
    }

    /**
     * The ids of growing tables that have a row, in the order of the rows: the first has the row {@link Ids#FIRST}.
     *
     * @return by the name of the table
     */
    Map<String, List<Integer>> ids() {
        Map<String, List<Integer>> ids = new HashMap<>();
        Map<String, Tensor> state = growing.isEmpty() ? Map.of() : parameters.state();
        growing.forEach(table -> ids.put(table.name(), rows(table, state).ids()));
        return ids;
    }

    private static Rows rows(FeatureLayout.Table table, Map<String, Tensor> state) {
        long[] ids = longs(state, GROWING + "ids." + table.name());
        long[] numbers = longs(state, GROWING + "rows." + table.name());
        List<Integer> with = new ArrayList<>();
        List<Long> of = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            if (numbers[i] >= 0) {
                with.add((int) ids[i]);
                of.add(numbers[i]);
            }
        }
        return new Rows(with, of);
    }

    private static Tensor grown(String prefix, Tensor fixed, FeatureLayout.Table table, Map<String, Tensor> state) {
        Rows rows = rows(table, state);
        if (rows.ids().isEmpty()) {
            return fixed;
        }
        Tensor pool = require(state, GROWING + "weight." + prefix.substring(0, prefix.length() - 1));
        return torch.cat(
                new TensorVector(
                        fixed,
                        pool.index_select(
                                0,
                                Tensors.of(rows.numbers().stream()
                                        .mapToLong(Long::longValue)
                                        .toArray()))),
                0);
    }

    private static boolean isScale(String name) {
        int dot = name.indexOf('.');
        return dot > 0 && name.substring(0, dot).endsWith("_scale");
    }

    private static Tensor floats(String name, Tensor tensor, Map<String, Tensor> state) {
        Tensor floats = tensor.to(DType.FLOAT32.scalarType());
        if (DType.of(tensor) != DType.INT8) {
            return floats;
        }
        int dot = name.indexOf('.');
        Tensor scales = require(state, name.substring(0, dot) + "_scale" + name.substring(dot));
        return floats.mul(scales.to(DType.FLOAT32.scalarType()).view(-1, 1));
    }

    private static Tensor require(Map<String, Tensor> state, String name) {
        Tensor tensor = state.get(name);
        if (tensor == null) {
            throw new IllegalStateException("the network has no " + name);
        }
        return tensor;
    }

    private static long[] longs(Map<String, Tensor> state, String name) {
        Tensor tensor = require(state, name);
        return tensor.numel() == 0 ? new long[0] : Tensors.toLongs(tensor);
    }
}
