package dev.marquee.export;

import dev.marquee.model.FinalMlpConfig;
import dev.marquee.nn.Norm;
import dev.marquee.schema.FeatureLayout;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** {@link dev.marquee.model.FinalMlp}. */
final class FinalMlpGraph {
    private FinalMlpGraph() {}

    static Value logits(Weights.Place root, FeatureLayout layout, FinalMlpConfig config) {
        Graph graph = root.graph();
        RowGraph rows = RowGraph.of(root, layout, config.dense());
        Value x = rows.vector();
        Map<String, long[]> columns = rows.columns();
        Value one = stream(root.child("first"), x, config.first(), config.firstGate(), columns, config);
        Value two = stream(root.child("second"), x, config.second(), config.secondGate(), columns, config);
        Value linear = Layers.linear(root.child("output"), graph.concat(1, List.of(one, two)));
        return graph.add(linear, products(root, one, two));
    }

    private static Value stream(
            Weights.Place place,
            Value x,
            List<Integer> sizes,
            List<String> features,
            Map<String, long[]> columns,
            FinalMlpConfig config) {
        Graph graph = place.graph();
        Value seen = x;
        if (config.gating()) {
            Weights.Place gate = place.child("gate");
            long[] read = features.stream()
                    .flatMapToLong(name -> LongStream.of(Objects.requireNonNull(columns.get(name))))
                    .toArray();
            Value condition = read.length > 0
                    ? graph.select(x, 1, read)
                    : gate.computed("condition", gate.tensor("condition").unsqueeze(0));
            Value hidden = Layers.hidden(gate, condition, config.gateHidden(), config.activation(), false, Norm.NONE);
            Value weights = graph.apply(Operator.SIGMOID, Layers.linear(gate.child("output"), hidden));
            seen = graph.mul(x, graph.mul(weights, graph.number(2)));
        }
        return Layers.hidden(place, seen, sizes, config.activation(), false, config.norm());
    }

    /** {@code Σ_j o_1jᵀ W_j o_2j}: {@code [batch, labels]}. */
    private static Value products(Weights.Place root, Value one, Value two) {
        Graph graph = root.graph();
        Tensor fusion = root.tensor("fusion.weight"); // [heads, first / heads, labels, second / heads]
        long heads = fusion.size(0);
        long labels = fusion.size(2);
        Value rows = graph.transpose(graph.reshape(one, -1, heads, fusion.size(1)), 1, 0, 2);
        Value mapped = graph.matmul(rows, root.computed("fusion.weight", fusion.flatten(2, 3)));
        Value byRow = graph.transpose(mapped, 1, 0, 2); // [batch, heads, labels * second / heads]
        Value each = graph.reshape(byRow, -1, heads, labels, fusion.size(3));
        Value columns = graph.reshape(two, -1, heads, 1, fusion.size(3));
        return graph.sum(graph.sum(graph.mul(each, columns), 3, false), 1, false);
    }
}
