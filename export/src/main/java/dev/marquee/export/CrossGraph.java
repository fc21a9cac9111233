package dev.marquee.export;

import dev.marquee.model.DcnV2Config;
import dev.marquee.model.DlrmConfig;
import dev.marquee.nn.Norm;
import dev.marquee.schema.FeatureLayout;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** {@link dev.marquee.model.DcnV2}, {@link dev.marquee.nn.CrossNetwork} and {@link dev.marquee.model.Dlrm}. */
final class CrossGraph {
    private CrossGraph() {}

    static Value dcn(Weights.Place root, FeatureLayout layout, DcnV2Config config) {
        Graph graph = root.graph();
        RowGraph rows = RowGraph.of(root, layout, config.dense());
        Value x0 = rows.vector();
        Value crossed = x0;
        for (int i = 1; i <= config.layers(); i++) {
            crossed = layer(root.child("cross" + i), x0, crossed, config);
        }
        boolean parallel = config.structure() == DcnV2Config.Structure.PARALLEL;
        Value deep = ParallelLayers.deep(
                root.child("deep"),
                parallel ? x0 : crossed,
                config.members(),
                config.hidden(),
                config.activation(),
                config.norm());
        if (parallel) {
            deep = beside(graph, crossed, deep, config.members());
        }
        return ParallelLayers.ofMembers(graph, ParallelLayers.logits(root.child("output"), deep));
    }

    private static Value beside(Graph graph, Value crossed, Value deep, int members) {
        if (deep.rank() == 2) {
            return graph.concat(1, List.of(crossed, deep));
        }
        Value one = graph.unsqueeze(crossed, 1);
        Value each = graph.concat(
                1, IntStream.range(0, members).mapToObj(member -> one).toList());
        return graph.concat(2, List.of(each, deep));
    }

    private static Value layer(Weights.Place place, Value x0, Value x, DcnV2Config config) {
        Graph graph = place.graph();
        Value mapped;
        if (config.rank().isEmpty()) {
            mapped = Layers.linear(place, x);
        } else if (config.experts() == 1) {
            Value small = graph.matmul(x, place.constant("V"));
            mapped = graph.linear(small, place.constant("U"), place.constant("bias"));
        } else {
            mapped = experts(place, x);
        }
        return graph.add(x, graph.mul(x0, mapped));
    }

    private static Value experts(Weights.Place place, Value x) {
        Graph graph = place.graph();
        Value small = graph.apply(Operator.TANH, graph.matmul(x, place.constant("V"))); // [experts, batch, rank]
        Value core = place.computed("C", place.tensor("C").transpose(1, 2).contiguous());
        Value mixed = graph.apply(Operator.TANH, graph.matmul(small, core)); // [experts, batch, rank]
        Value weights = graph.softmax(graph.linear(x, place.constant("gate"), null), 1); // [batch, experts]
        Value gated = graph.mul(mixed, graph.unsqueeze(graph.transpose(weights, 1, 0), 2));
        Tensor up = place.tensor("U").transpose(1, 2).contiguous(); // [experts, rank, inputs]
        Value sum = graph.sum(graph.matmul(gated, place.computed("U", up)), 0, false); // [batch, inputs]
        return graph.add(sum, place.constant("bias"));
    }

    static Value dlrm(Weights.Place root, FeatureLayout layout, DlrmConfig config) {
        Graph graph = root.graph();
        RowGraph rows = new RowGraph(root, layout, false, false);
        Value embeddings = rows.embeddings(); // [batch, fields, width]
        int count = rows.count();
        Value numbers = null;
        if (rows.hasNumbers()) {
            int layers = config.bottom().size() + 1;
            numbers =
                    Layers.perceptron(root.child("bottom"), rows.numbers(), layers, config.activation(), config.norm());
            embeddings = graph.concat(1, List.of(graph.unsqueeze(numbers, 1), embeddings));
            count++;
        }
        int all = count;
        Value products = graph.matmul(embeddings, graph.transpose(embeddings, 0, 2, 1)); // [batch, n, n]
        long[] pairs = IntStream.range(0, all * all)
                .filter(i -> i % all < i / all)
                .asLongStream()
                .toArray();
        Value each = graph.select(graph.reshape(products, -1, (long) all * all), 1, pairs);
        Value input = numbers == null ? each : graph.concat(1, List.of(numbers, each));
        Norm norm = config.norm();
        Value top = Layers.hidden(root.child("top"), input, config.top(), config.activation(), false, norm);
        return Layers.linear(root.child("output"), top);
    }
}
