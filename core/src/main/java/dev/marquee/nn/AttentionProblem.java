package dev.marquee.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What {@link DirectAttention} is to compute. All tensors are contiguous.
 *
 * @param query {@code [batch, queries, query_dim]}
 * @param key {@code [batch, keys, key_dim]}
 * @param value {@code [batch, keys, value_dim]}; the same object as the key where values are made from the keys
 * @param windows the keys that count
 * @param hidden what else is hidden within the windows; null for nothing
 * @param maps the linear maps and sizes
 * @param dropout what drops scores
 * @param mode whether this is training
 * @param wanted the inputs whose gradients are wanted
 */
record AttentionProblem(
        Tensor query,
        Tensor key,
        Tensor value,
        KeyWindows windows,
        @Nullable HiddenKeys hidden,
        AttentionMaps maps,
        Dropout dropout,
        Mode mode,
        Wanted wanted) {

    /** The inputs whose gradients are wanted. */
    record Wanted(boolean query, boolean key, boolean value) {}

    boolean sharedValues() {
        return value.equals(key);
    }

    int samples() {
        return windows.samples();
    }

    int queries() {
        return (int) query.size(1);
    }

    /** All queries as rows, {@code [batch * queries, query_dim]}. */
    Tensor queryRows() {
        return rows(query);
    }

    static Tensor rows(Tensor tensor) {
        return tensor.view(-1, tensor.size(2));
    }

    /** The gradients in the order of {@link #inputs}. */
    List<@Nullable Tensor> gradients(
            @Nullable Tensor ofQuery,
            @Nullable Tensor ofKey,
            @Nullable Tensor ofValue,
            MapGradient ofQueryMap,
            MapGradient ofKeyMap,
            MapGradient ofValueMap) {
        List<@Nullable Tensor> gradients = new ArrayList<>(Arrays.asList(ofQuery, ofKey));
        if (!sharedValues()) {
            gradients.add(ofValue);
        }
        for (MapGradient map : List.of(ofQueryMap, ofKeyMap, ofValueMap)) {
            gradients.add(map.weight());
            if (map.hasBias()) {
                gradients.add(map.bias());
            }
        }
        return gradients;
    }

    /** What gradients are asked of: the given tensors, which these are copies of where they were not contiguous. */
    static List<Tensor> inputs(Tensor query, Tensor key, Tensor value, AttentionMaps maps) {
        List<Tensor> inputs = new ArrayList<>(List.of(query, key));
        if (!value.equals(key)) {
            inputs.add(value);
        }
        for (Linear map : List.of(maps.query(), maps.key(), maps.value())) {
            inputs.add(map.weight());
            if (map.bias() != null) {
                inputs.add(map.bias());
            }
        }
        return inputs;
    }

    /**
     * The gradient of a linear map.
     *
     * @param weight {@code [outputs, inputs]}; null where it is frozen
     * @param bias {@code [outputs]}; null where the map has none, or it is frozen
     * @param hasBias whether the map has one
     */
    record MapGradient(@Nullable Tensor weight, @Nullable Tensor bias, boolean hasBias) {}

    /** Whether a bias is there and learns. */
    static boolean biasLearns(Linear map) {
        Tensor bias = map.bias();
        return bias != null && bias.requires_grad();
    }

    /** Whether anything of a map learns. */
    static boolean learns(Linear map) {
        return map.weight().requires_grad() || biasLearns(map);
    }

    /**
     * The gradient of a linear map of rows.
     *
     * @param ofRows {@code [rows, outputs]}
     * @param inputs {@code [rows, inputs]}
     */
    static MapGradient ofMap(Linear map, Tensor ofRows, Tensor inputs) {
        return new MapGradient(
                map.weight().requires_grad() ? torch.mm(ofRows.t(), inputs) : null,
                biasLearns(map) ? ofRows.sum(0) : null,
                map.bias() != null);
    }
}
