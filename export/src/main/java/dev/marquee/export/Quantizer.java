package dev.marquee.export;

import dev.marquee.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Makes int8 of a graph's weights: of linear maps with a scale for each output, their inputs becoming 8-bit integers as they
 * come (dynamic quantisation); of embedding tables with a scale for each row. All else stays float32.
 */
final class Quantizer {
    private static final double LARGEST = 127;

    private final Graph graph;
    private final Map<String, Tensor> constants;
    private final Map<String, Value> made = new HashMap<>();

    private Quantizer(Graph graph) {
        this.graph = graph;
        this.constants = new LinkedHashMap<>(graph.constants());
    }

    /** The graph with int8 weights, its constants in the open scope. */
    static Graph int8(Graph graph) {
        return new Quantizer(graph).quantized();
    }

    private Graph quantized() {
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            nodes.add(
                    switch (node.operator()) {
                        case LINEAR -> linear(node);
                        case GATHER -> gather(node);
                        default -> node;
                    });
        }
        Set<String> used = new HashSet<>();
        nodes.forEach(node -> node.inputs().forEach(value -> used.add(value.name())));
        constants.keySet().retainAll(used);
        return graph.with(nodes, constants);
    }

    private Node linear(Node node) {
        Value weight = node.inputs().get(1);
        Tensor values = graph.constants().get(weight.name());
        // One output takes a product of a row by a vector: nothing is won, and all of the precision is lost where it
        // shows.
        if (values == null || values.size(0) == 1) {
            return node;
        }
        Value bytes = bytes(weight.name() + ".int8", values, true);
        Value scales = made.get(weight.name() + ".int8.scale");
        List<Value> inputs = new ArrayList<>(List.of(node.inputs().get(0), bytes, scales));
        inputs.addAll(node.inputs().subList(2, node.inputs().size()));
        return new Node(Operator.QUANTIZED_LINEAR, inputs, node.output(), node.numbers(), false);
    }

    private Node gather(Node node) {
        Value table = node.inputs().get(0);
        Tensor values = graph.constants().get(table.name());
        if (values == null || node.axis() != 0 || values.dim() != 2 || values.size(1) < 4) {
            return node;
        }
        Value bytes = bytes(table.name() + ".int8", values, false);
        Value scales = made.get(table.name() + ".int8.scale");
        return new Node(
                Operator.QUANTIZED_GATHER,
                List.of(bytes, scales, node.inputs().get(1)),
                node.output(),
                node.numbers(),
                false);
    }

    /** Rows of int8, and their scales under the name with {@code .scale}; turned, rows become columns. */
    private Value bytes(String name, Tensor values, boolean turned) {
        Value known = made.get(name);
        if (known != null) {
            return known;
        }
        Tensor scale = values.abs().amax(new long[] {1}, false).div(new Scalar(LARGEST)); // [rows]
        Tensor divisor = scale.clamp_min(new Scalar(Float.MIN_NORMAL)).unsqueeze(1);
        Tensor bytes = values.div(divisor).round().to(DType.INT8.scalarType());
        put(name + ".scale", scale);
        return put(name, turned ? bytes.t().contiguous() : bytes);
    }

    private Value put(String name, Tensor tensor) {
        Value value = new Value(name, DType.of(tensor), (int) tensor.dim());
        constants.put(name, tensor);
        made.put(name, value);
        return value;
    }
}
