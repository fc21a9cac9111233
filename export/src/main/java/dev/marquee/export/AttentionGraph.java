package dev.marquee.export;

import dev.marquee.nn.Activation;
import dev.marquee.nn.MultiHeadAttention;
import dev.marquee.tensor.DType;
import org.jspecify.annotations.Nullable;

/** {@link MultiHeadAttention} and {@link dev.marquee.nn.TransformerBlock}. */
final class AttentionGraph {
    /** What hidden scores become: finite, so that a query that sees nothing is no 0/0 before it is cleared. */
    private static final double HIDDEN = -1e30;

    private AttentionGraph() {}

    /**
     * The output of an attention.
     *
     * @param query {@code [batch, queries, query_dim]}
     * @param key {@code [batch, keys, key_dim]}
     * @param value as {@code key}, or with a size of its own
     * @param mask true hides a key, {@code [batch, keys]}; null hides none
     * @return {@code [batch, queries, units]}
     */
    static Value attention(
            Weights.Place place,
            MultiHeadAttention.Config config,
            Value query,
            Value key,
            Value value,
            @Nullable Value mask) {
        Graph graph = place.graph();
        Value scores = graph.matmul(
                heads(graph, Layers.linear(place.child("W_query"), query), config, 0, 2, 1, 3),
                heads(graph, Layers.linear(place.child("W_key"), key), config, 0, 2, 3, 1)); // [batch, heads, q, k]
        if (config.scaling() != MultiHeadAttention.Scaling.NONE) {
            scores = graph.mul(scores, graph.number(scale(config)));
        }
        Value hidden = hidden(graph, config, query, key, mask);
        if (hidden != null) {
            scores = graph.where(hidden, graph.number(HIDDEN), scores);
        }
        Value weights = graph.softmax(scores, 3);
        if (mask != null && hidden != null) {
            weights = graph.clear(weights, hidden); // all zero where a query sees no key
        }
        Value values = heads(graph, Layers.linear(place.child("W_value"), value), config, 0, 2, 1, 3);
        Value mixed = graph.transpose(graph.matmul(weights, values), 0, 2, 1, 3); // [batch, q, heads, size]
        Value output = graph.reshape(mixed, 0, 0, config.numUnits());
        return config.outputProjection() ? Layers.linear(place.child("W_out"), output) : output;
    }

    /** A transformer's block, norms behind the sums. */
    static Value block(
            Weights.Place place, int heads, Activation activation, Value queries, Value tokens, Value padding) {
        Graph graph = place.graph();
        int width = Math.toIntExact(place.tensor("norm.weight").size(0));
        MultiHeadAttention.Config config = MultiHeadAttention.Config.of(width, width, width, heads)
                .scaling(MultiHeadAttention.Scaling.HEAD_SIZE)
                .outputProjection(true);
        Value attended = attention(place.child("attention"), config, queries, tokens, tokens, padding);
        Value x = Layers.layerNorm(place.child("attention_norm"), graph.add(queries, attended));
        Value inner = Layers.activation(graph, activation, Layers.linear(place.child("inner"), x));
        return Layers.layerNorm(place.child("norm"), graph.add(x, Layers.linear(place.child("outer"), inner)));
    }

    private static Value heads(Graph graph, Value x, MultiHeadAttention.Config config, long... order) {
        return graph.transpose(graph.reshape(x, 0, 0, config.numHeads(), config.headSize()), order);
    }

    private static double scale(MultiHeadAttention.Config config) {
        return switch (config.scaling()) {
            case KEY_DIM -> 1 / Math.sqrt((double) config.keyDim());
            case HEAD_SIZE -> 1 / Math.sqrt((double) config.headSize());
            case NONE -> 1;
        };
    }

    /** True where a score counts for nothing, {@code [batch, 1, queries or 1, keys]}. */
    private static @Nullable Value hidden(
            Graph graph, MultiHeadAttention.Config config, Value query, Value key, @Nullable Value mask) {
        Value padding = mask == null ? null : graph.unsqueeze(graph.unsqueeze(mask, 1), 1);
        if (!config.causal()) {
            return padding;
        }
        // Position q may see the keys up to q: positions by counting ones, as the lengths are not known.
        Value row = graph.unsqueeze(positions(graph, query), 2); // [1 or batch, queries, 1]
        Value column = graph.unsqueeze(positions(graph, key), 1); // [1 or batch, 1, keys]
        Value seen = graph.unsqueeze(graph.greaterOrEqual(row, column), 1);
        return graph.not(padding == null ? seen : graph.and(seen, graph.not(padding)));
    }

    private static Value positions(Graph graph, Value tokens) {
        Value some = graph.squeeze(graph.slice(tokens, 2, 0, 1), 2); // [batch, time]
        return graph.cumulativeSum(graph.cast(graph.equal(some, some), DType.FLOAT32), 1);
    }
}
