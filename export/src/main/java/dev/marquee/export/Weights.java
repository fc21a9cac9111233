package dev.marquee.export;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * The tensors of a network by name. Every one must find its place in the graph: one that is left over means that network
 * and graph are not the same.
 */
final class Weights {
    private final Map<String, Tensor> tensors;
    private final Set<String> used = new LinkedHashSet<>();

    Weights(Map<String, Tensor> tensors) {
        this.tensors = new LinkedHashMap<>(tensors);
    }

    /** A layer's place in the tree of names. */
    static final class Place {
        private final Weights weights;
        private final String prefix;
        private final Graph graph;

        private Place(Weights weights, String prefix, Graph graph) {
            this.weights = weights;
            this.prefix = prefix;
            this.graph = graph;
        }

        Place child(String name) {
            return new Place(weights, prefix + name + ".", graph);
        }

        Graph graph() {
            return graph;
        }

        /** A weight as a constant of the graph, under its own name. */
        Value constant(String name) {
            return graph.constant(prefix + name, tensor(name));
        }

        boolean has(String name) {
            return weights.tensors.containsKey(prefix + name);
        }

        /** A weight that something is computed of before it becomes a constant. */
        Tensor tensor(String name) {
            Tensor tensor = weights.tensors.get(prefix + name);
            if (tensor == null) {
                throw new IllegalStateException("the network has no " + prefix + name);
            }
            weights.used.add(prefix + name);
            return tensor;
        }

        /** What was computed of weights, as a constant named after them. */
        Value computed(String name, Tensor tensor) {
            return graph.constant(prefix + name, tensor);
        }
    }

    Place root(Graph graph) {
        return new Place(this, "", graph);
    }

    /** Refuses a graph that leaves a tensor out. */
    void requireAllUsed() {
        List<String> left = new ArrayList<>(tensors.keySet());
        left.removeAll(used);
        left.removeIf(name -> name.endsWith(".num_batches_tracked"));
        if (!left.isEmpty()) {
            throw new IllegalStateException("the graph has no place for " + left);
        }
    }
}
