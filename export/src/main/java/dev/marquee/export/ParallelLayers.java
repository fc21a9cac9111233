package dev.marquee.export;

import dev.marquee.model.EsmmConfig;
import dev.marquee.nn.Activation;
import dev.marquee.nn.Norm;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Layers of several networks side by side: experts, towers, and the members of an ensemble. */
final class ParallelLayers {
    private ParallelLayers() {}

    /** {@link dev.marquee.nn.ParallelLinear}: {@code [batch, inputs]} or {@code [maps, batch, inputs]} to {@code [maps, batch, outputs]}. */
    static Value linear(Weights.Place place, Value x) {
        Graph graph = place.graph();
        Tensor weight = place.tensor("weight"); // [maps, outputs, inputs]
        if (x.rank() == 2) {
            Value all = graph.linear(
                    x,
                    place.computed("weight", weight.flatten(0, 1)),
                    place.computed("bias", place.tensor("bias").flatten()));
            return graph.transpose(graph.reshape(all, -1, weight.size(0), weight.size(1)), 1, 0, 2);
        }
        Value turned = place.computed("weight", weight.transpose(1, 2).contiguous());
        return graph.add(
                graph.matmul(x, turned),
                place.computed("bias", place.tensor("bias").unsqueeze(1)));
    }

    /** {@link dev.marquee.nn.ParallelPerceptrons}: to {@code [count, batch, outputs]}. */
    static Value perceptrons(
            Weights.Place place, Value x, int count, List<Integer> sizes, Activation activation, Norm norm) {
        Graph graph = place.graph();
        Value y = x;
        for (int i = 1; i <= sizes.size(); i++) {
            y = linear(place.child("fc" + i), y);
            Weights.Place norms = place.child("norm" + i);
            if (norm == Norm.BATCH) {
                long size = sizes.get(i - 1);
                Value channels = graph.reshape(graph.transpose(y, 1, 0, 2), -1, count * size);
                Value normed = Layers.batchNorm(norms, channels);
                y = graph.transpose(graph.reshape(normed, -1, count, size), 1, 0, 2);
            } else if (norm == Norm.LAYER) {
                long size = sizes.get(i - 1);
                Value ones = graph.constant(place.tensor("fc" + i + ".bias").new_ones(size));
                Value zeros = graph.constant(place.tensor("fc" + i + ".bias").new_zeros(size));
                y = graph.layerNorm(y, ones, zeros, size);
                y = graph.add(graph.mul(y, norms.constant("weight")), norms.constant("bias"));
            }
            y = Layers.activation(graph, activation, y);
        }
        if (y.rank() == 3) {
            return y;
        }
        Value one = graph.unsqueeze(y, 0);
        return graph.concat(0, new ArrayList<>(java.util.Collections.nCopies(count, one)));
    }

    /** The towers of networks of several labels: to {@code [batch, labels]}. */
    static Value towers(
            Weights.Place place, Value x, int labels, List<Integer> sizes, Activation activation, Norm norm) {
        Value hidden = sizes.isEmpty() && x.rank() == 2 ? x : perceptrons(place, x, labels, sizes, activation, norm);
        Value logits = linear(place.child("out"), hidden); // [labels, batch, 1]
        return place.graph().transpose(place.graph().squeeze(logits, 2), 1, 0);
    }

    /** {@link dev.marquee.nn.EnsemblePerceptron}: to {@code [batch, members, outputs]}. */
    static Value members(
            Weights.Place place, Value x, int members, List<Integer> sizes, Activation activation, Norm norm) {
        Graph graph = place.graph();
        Value y = x;
        for (int i = 1; i <= sizes.size(); i++) {
            Weights.Place layer = place.child("fc" + i);
            if (i == 1) {
                Tensor weight = layer.tensor("weight"); // [outputs, inputs]
                Tensor each = weight.mul(layer.tensor("r").unsqueeze(1)).flatten(0, 1);
                Value all = graph.linear(y, layer.computed("weight", each), null);
                y = graph.reshape(all, -1, members, weight.size(0));
            } else {
                y = graph.linear(graph.mul(y, layer.constant("r")), layer.constant("weight"), null);
            }
            y = graph.add(graph.mul(y, layer.constant("s")), layer.constant("bias"));
            Weights.Place norms = place.child("norm" + i);
            if (norm == Norm.BATCH) {
                long size = sizes.get(i - 1);
                Value normed = Layers.batchNorm(norms, graph.reshape(y, -1, members * size));
                y = graph.reshape(normed, -1, members, size);
            } else if (norm == Norm.LAYER) {
                y = Layers.layerNorm(norms, y);
            }
            y = Layers.activation(graph, activation, y);
        }
        return y;
    }

    /** Hidden layers of one member or several. */
    static Value deep(
            Weights.Place place, Value x, int members, List<Integer> sizes, Activation activation, Norm norm) {
        return members == 1
                ? Layers.hidden(place, x, sizes, activation, false, norm)
                : members(place, x, members, sizes, activation, norm);
    }

    /** The last linear map: of several members, each has its own. */
    static Value logits(Weights.Place place, Value x) {
        if (place.tensor("weight").dim() == 2) {
            return Layers.linear(place, x);
        }
        Graph graph = place.graph();
        Value turned = graph.transpose(x, 1, 0, 2); // [members, batch, inputs]
        Value bias = place.computed("bias", place.tensor("bias").unsqueeze(1));
        return graph.transpose(graph.add(graph.matmul(turned, place.constant("weight")), bias), 1, 0, 2);
    }

    /** Adds {@code [batch, labels]} to the logits, of each member where there are several. */
    static Value plus(Graph graph, Value logits, Value others) {
        return graph.add(logits, logits.rank() == 2 ? others : graph.unsqueeze(others, 1));
    }

    /** The logit of the mean of the members' probabilities: {@code [batch, labels]}. */
    static Value ofMembers(Graph graph, Value logits) {
        if (logits.rank() == 2) {
            return logits;
        }
        Value yes = graph.apply(Operator.NEG, graph.apply(Operator.SOFTPLUS, graph.apply(Operator.NEG, logits)));
        Value no = graph.apply(Operator.NEG, graph.apply(Operator.SOFTPLUS, logits));
        return graph.sub(graph.logSumExp(yes, 1), graph.logSumExp(no, 1));
    }

    /** {@code log(exp(a) + exp(b))}, as {@code a + softplus(b - a)}. */
    static Value logAddExp(Graph graph, Value a, Value b) {
        return graph.add(a, graph.apply(Operator.SOFTPLUS, graph.sub(b, a)));
    }

    /** {@link dev.marquee.model.Esmm}. */
    static Value esmm(Weights.Place root, RowGraph rows, EsmmConfig config) {
        Graph graph = root.graph();
        Value logits =
                towers(root.child("towers"), rows.vector(), 2, config.hidden(), config.activation(), config.norm());
        Value a = graph.slice(logits, 1, 0, 1); // [batch, 1]
        Value b = graph.slice(logits, 1, 1, 2);
        Value fails = logAddExp(graph, graph.apply(Operator.NEG, a), graph.apply(Operator.NEG, b));
        Value both = logAddExp(graph, fails, graph.apply(Operator.NEG, graph.add(a, b)));
        return graph.concat(1, List.of(a, graph.apply(Operator.NEG, both)));
    }
}
