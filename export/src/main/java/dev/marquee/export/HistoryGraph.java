package dev.marquee.export;

import dev.marquee.model.BstConfig;
import dev.marquee.model.DinConfig;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/**
 * A history and the candidate that it is compared with, and what {@link dev.marquee.model.Din} and {@link
 * dev.marquee.model.Bst} make of them. The sequences of one history have one length.
 *
 * @param rows the network's input
 * @param name of the history
 * @param maximumLength how many events there are at most
 * @param events {@code [batch, time, width]}, zeros at padding
 * @param candidate {@code [batch, width]}
 * @param padding {@code [batch, time]}, true where there is no event
 */
record HistoryGraph(RowGraph rows, String name, int maximumLength, Value events, Value candidate, Value padding) {
    /** What a padded event scores: finite, so that an empty history is no 0/0 before it is cleared. */
    private static final double HIDDEN = -1e30;

    static List<HistoryGraph> of(RowGraph rows) {
        Map<String, List<Integer>> named = new LinkedHashMap<>();
        List<FeatureLayout.Sequence> sequences = rows.layout().sequences();
        for (int i = 0; i < sequences.size(); i++) {
            if (sequences.get(i).target() >= 0) {
                named.computeIfAbsent(sequences.get(i).history(), some -> new ArrayList<>())
                        .add(i);
            }
        }
        List<HistoryGraph> histories = new ArrayList<>();
        named.forEach((name, of) -> histories.add(of(rows, name, of)));
        return histories;
    }

    private static HistoryGraph of(RowGraph rows, String name, List<Integer> of) {
        Graph graph = rows.graph();
        List<FeatureLayout.Sequence> sequences = rows.layout().sequences();
        Value padding = rows.padding(of.get(0));
        for (int i : of.subList(1, of.size())) {
            padding = graph.and(padding, rows.padding(i));
        }
        return new HistoryGraph(
                rows,
                name,
                of.stream()
                        .mapToInt(i -> sequences.get(i).maximumLength())
                        .max()
                        .orElseThrow(),
                graph.concat(2, of.stream().map(rows::sequence).toList()),
                graph.concat(
                        1,
                        of.stream()
                                .map(i -> rows.field(sequences.get(i).target()))
                                .toList()),
                padding);
    }

    /** Appends what the deep interest network sees of this history. */
    void interest(Weights.Place place, DinConfig config, List<Value> parts) {
        Value interest = localActivation(place, config);
        parts.add(interest);
        if (config.products()) {
            Graph graph = rows.graph();
            Value count = graph.sum(graph.cast(graph.not(padding), DType.FLOAT32), 1, true); // [batch, 1]
            Value mean = graph.div(graph.sum(events, 1, false), graph.max(count, graph.number(1)));
            parts.add(graph.mul(interest, candidate));
            parts.add(graph.mul(mean, candidate));
        }
    }

    /** {@link dev.marquee.nn.LocalActivation}: {@code [batch, width]}. */
    private Value localActivation(Weights.Place place, DinConfig config) {
        Graph graph = rows.graph();
        Value x = first(place.child("fc1"));
        for (int i = 1; i <= config.attentionHidden().size(); i++) {
            x = i == 1 ? x : Layers.linear(place.child("fc" + i), x);
            x = config.dice()
                    ? Layers.dice(place.child("dice" + i), x)
                    : Layers.activation(graph, config.activation(), x);
        }
        Value weights = graph.squeeze(Layers.linear(place.child("out"), x), 2); // [batch, time]
        if (config.softmax()) {
            weights = graph.softmax(graph.where(padding, graph.number(HIDDEN), weights), 1);
        }
        weights = graph.clear(weights, padding);
        return graph.squeeze(graph.matmul(graph.unsqueeze(weights, 1), events), 1);
    }

    /** The first map of {@code [k, q, k − q, k ⊙ q]}, part by part, as the network computes it. */
    private Value first(Weights.Place place) {
        Graph graph = rows.graph();
        Tensor weight = place.tensor("weight"); // [hidden, 4 width]
        long width = weight.size(1) / 4;
        Tensor ofDifference = weight.narrow(1, 2 * width, width);
        Value ofQuery =
                place.computed("query.weight", weight.narrow(1, width, width).sub(ofDifference));
        Value ofKey = place.computed("key.weight", weight.narrow(1, 0, width).add(ofDifference));
        Value ofProduct = place.computed(
                "product.weight", weight.narrow(1, 3 * width, width).contiguous());
        Value once = graph.linear(candidate, ofQuery, place.constant("bias")); // [batch, hidden]
        Value product = graph.linear(graph.mul(events, graph.unsqueeze(candidate, 1)), ofProduct, null);
        Value alone = graph.linear(events, ofKey, null);
        return graph.add(graph.add(product, alone), graph.unsqueeze(once, 1)); // [batch, time, hidden]
    }

    /** What the behaviour sequence transformer sees of this history: {@code [batch, outputs]}. */
    Value transformed(Weights.Place place, BstConfig config) {
        Graph graph = rows.graph();
        Value positions = place.constant("positions"); // [maximum + 1, width]
        Value real = graph.cast(graph.not(padding), DType.INT64);
        Value ones = graph.add(graph.mul(real, graph.numbers(0)), graph.numbers(1));
        Value index = graph.sub(graph.cumulativeSum(ones, 1), graph.numbers(1)); // [batch, time]: 0, 1, 2, …
        Value age = graph.clear(graph.sub(graph.sum(real, 1, true), index), padding); // the newest event's is 1
        Value seen = graph.add(events, graph.rows(positions, age)); // [batch, time, width]
        Value first = graph.rows(positions, graph.numbers(0)); // [1, width]
        Value asked = graph.unsqueeze(graph.add(candidate, first), 1); // [batch, 1, width]
        Value tokens = graph.concat(1, List.of(seen, asked));
        Value hidden = graph.concat(1, List.of(padding, candidateMask()));
        for (int i = 1; i <= config.blocks(); i++) {
            boolean candidateAlone = i == config.blocks() && config.tokens() == BstConfig.Tokens.CANDIDATE;
            Value queries = candidateAlone ? graph.slice(tokens, 1, -1, Long.MAX_VALUE) : tokens;
            tokens = AttentionGraph.block(
                    place.child("block" + i), config.heads(), config.activation(), queries, tokens, hidden);
        }
        return config.tokens() == BstConfig.Tokens.CANDIDATE ? graph.squeeze(tokens, 1) : byAge(tokens, age);
    }

    /** A column that is false for every row: the candidate is never hidden. */
    private Value candidateMask() {
        Graph graph = rows.graph();
        Value some = graph.slice(candidate, 1, 0, 1); // [batch, 1]
        return graph.not(graph.equal(some, some));
    }

    /** All tokens at the place of their age, zeros where there is none: {@code [batch, (maximum + 1) · width]}. */
    private Value byAge(Value tokens, Value age) {
        Graph graph = rows.graph();
        Value events = graph.slice(tokens, 1, 0, -1);
        Value ages = graph.constant(
                Tensors.of(LongStream.rangeClosed(1, maximumLength).toArray(), maximumLength, 1));
        Value stands = graph.and(
                graph.equal(graph.unsqueeze(age, 1), ages),
                graph.unsqueeze(graph.not(padding), 1)); // [batch, maximum, time]
        Value newestFirst = graph.matmul(graph.cast(stands, DType.FLOAT32), events); // [batch, maximum, width]
        Value candidate = graph.slice(tokens, 1, -1, Long.MAX_VALUE);
        return graph.reshape(graph.concat(1, List.of(candidate, newestFirst)), 0, -1);
    }
}
