package dev.marquee.export;

import dev.marquee.model.MmoeConfig;
import dev.marquee.model.PleConfig;
import dev.marquee.schema.FeatureLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.LongStream;

/** {@link dev.marquee.model.Mmoe} and {@link dev.marquee.model.Ple}. */
final class ExpertGraph {
    private ExpertGraph() {}

    static Value mmoe(Weights.Place root, FeatureLayout layout, MmoeConfig config) {
        Graph graph = root.graph();
        RowGraph rows = new RowGraph(root, layout, false, false);
        int labels = layout.labels().size();
        int count = config.experts();
        Value x = rows.vector();
        Value experts = ParallelLayers.perceptrons(
                root.child("experts"), x, count, config.expertHidden(), config.activation(), config.norm());
        Value gates = Layers.linear(root.child("gates"), gateInput(rows, x, config.gateFeatures()));
        Value gate = graph.softmax(graph.reshape(gates, -1, labels, count), 2); // [batch, labels, experts]
        Value mixture = graph.matmul(gate, graph.transpose(experts, 1, 0, 2)); // [batch, labels, units]
        return ParallelLayers.towers(
                root.child("towers"),
                graph.transpose(mixture, 1, 0, 2),
                labels,
                config.towerHidden(),
                config.activation(),
                config.norm());
    }

    static Value ple(Weights.Place root, FeatureLayout layout, PleConfig config) {
        RowGraph rows = new RowGraph(root, layout, false, false);
        Graph graph = root.graph();
        int labels = layout.labels().size();
        Value x = rows.vector();
        Value seen = gateInput(rows, x, config.gateFeatures());
        Value states = level(root.child("level1"), x, label -> seen, labels, config, config.levels() == 1);
        int own = config.labelExperts();
        long[] sees = LongStream.range(0, (long) labels * own + config.sharedExperts())
                .map(i -> Math.min(i / own, labels))
                .toArray();
        for (int i = 2; i <= config.levels(); i++) {
            Value before = states;
            states = level(
                    root.child("level" + i),
                    graph.select(before, 0, sees),
                    label -> graph.at(before, 0, label),
                    labels,
                    config,
                    i == config.levels());
        }
        return ParallelLayers.towers(
                root.child("towers"), states, labels, config.towerHidden(), config.activation(), config.norm());
    }

    /** {@code [labels or labels + 1, batch, units]}. */
    private static Value level(
            Weights.Place place,
            Value inputs,
            IntFunction<Value> gateInput,
            int labels,
            PleConfig config,
            boolean last) {
        Graph graph = place.graph();
        int own = config.labelExperts();
        int all = labels * own + config.sharedExperts();
        Value experts = ParallelLayers.perceptrons(
                place.child("experts"), inputs, all, config.expertHidden(), config.activation(), config.norm());
        Value byRow = graph.transpose(experts, 1, 0, 2); // [batch, experts, units]
        Value ofAll = graph.slice(byRow, 1, (long) labels * own, all); // [batch, shared, units]
        List<Value> mixtures = new ArrayList<>();
        for (int label = 0; label < labels; label++) {
            Value gate = gate(place.child("gate" + (label + 1)), gateInput.apply(label)); // [batch, 1, own + shared]
            Value ofLabel = graph.slice(byRow, 1, (long) label * own, (label + 1L) * own);
            mixtures.add(graph.matmul(gate, graph.concat(1, List.of(ofLabel, ofAll)))); // [batch, 1, units]
        }
        if (!last) {
            mixtures.add(graph.matmul(gate(place.child("shared_gate"), gateInput.apply(labels)), byRow));
        }
        return graph.transpose(graph.concat(1, mixtures), 1, 0, 2);
    }

    private static Value gate(Weights.Place place, Value input) {
        return place.graph().unsqueeze(place.graph().softmax(Layers.linear(place, input), 1), 1);
    }

    private static Value gateInput(RowGraph rows, Value x, List<String> features) {
        return features.isEmpty()
                ? x
                : rows.graph()
                        .concat(
                                1,
                                features.stream()
                                        .map(name -> Objects.requireNonNull(
                                                rows.columns().get(name)))
                                        .map(columns ->
                                                rows.graph().slice(x, 1, columns[0], columns[columns.length - 1] + 1))
                                        .toList());
    }
}
