package dev.marquee.export;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A network as operators on named tensors, for evaluation only. What is built here, {@link OnnxFile} and {@link TorchScript}
 * write. Constants are the engine's tensors, and valid as long as these are.
 */
final class Graph {
    private final List<Input> inputs = new ArrayList<>();
    private final Map<String, Tensor> constants = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Value> outputs = new LinkedHashMap<>();
    private int names;

    /**
     * What a caller gives.
     *
     * @param value the tensor
     * @param dimensions the size of each dimension in digits, or a name where it may differ from call to call
     */
    record Input(Value value, List<String> dimensions) {
        Input {
            dimensions = List.copyOf(dimensions);
        }
    }

    /** The same graph with other steps and constants. */
    Graph with(List<Node> changed, Map<String, Tensor> values) {
        Graph graph = new Graph();
        graph.inputs.addAll(inputs);
        graph.outputs.putAll(outputs);
        graph.constants.putAll(values);
        graph.nodes.addAll(changed);
        return graph;
    }

    List<Input> inputs() {
        return Collections.unmodifiableList(inputs);
    }

    Map<String, Tensor> constants() {
        return Collections.unmodifiableMap(constants);
    }

    List<Node> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    Map<String, Value> outputs() {
        return Collections.unmodifiableMap(outputs);
    }

    Value input(String name, DType type, String... dimensions) {
        Value value = new Value(name, type, dimensions.length);
        inputs.add(new Input(value, List.of(dimensions)));
        return value;
    }

    void output(String name, Value value) {
        outputs.put(name, value);
    }

    /** A constant under a name of its own; one that is there already has that name and these values. */
    Value constant(String name, Tensor tensor) {
        constants.putIfAbsent(name, tensor);
        return new Value(name, DType.of(tensor), (int) tensor.dim());
    }

    /** A constant that belongs to one place. */
    Value constant(Tensor tensor) {
        return constant("constant" + ++names, tensor);
    }

    Value number(double value) {
        return constant(Tensors.of(new float[] {(float) value}, 1));
    }

    Value numbers(long... values) {
        return constant(Tensors.of(values, values.length));
    }

    Value linear(Value x, Value weight, @Nullable Value bias) {
        return add(Operator.LINEAR, bias == null ? List.of(x, weight) : List.of(x, weight, bias), x.type(), x.rank());
    }

    Value matmul(Value a, Value b) {
        return add(Operator.MATMUL, List.of(a, b), a.type(), Math.max(a.rank(), b.rank()));
    }

    Value add(Value a, Value b) {
        return binary(Operator.ADD, a, b, a.type());
    }

    Value sub(Value a, Value b) {
        return binary(Operator.SUB, a, b, a.type());
    }

    Value mul(Value a, Value b) {
        return binary(Operator.MUL, a, b, a.type());
    }

    Value div(Value a, Value b) {
        return binary(Operator.DIV, a, b, a.type());
    }

    Value max(Value a, Value b) {
        return binary(Operator.MAX, a, b, a.type());
    }

    Value min(Value a, Value b) {
        return binary(Operator.MIN, a, b, a.type());
    }

    Value and(Value a, Value b) {
        return binary(Operator.AND, a, b, DType.BOOL);
    }

    Value equal(Value a, Value b) {
        return binary(Operator.EQUAL, a, b, DType.BOOL);
    }

    Value greaterOrEqual(Value a, Value b) {
        return binary(Operator.GREATER_OR_EQUAL, a, b, DType.BOOL);
    }

    /** An element-wise function of one input. */
    Value apply(Operator operator, Value x) {
        return add(operator, List.of(x), x.type(), x.rank());
    }

    Value not(Value x) {
        return apply(Operator.NOT, x);
    }

    Value where(Value condition, Value yes, Value no) {
        int rank = Math.max(condition.rank(), Math.max(yes.rank(), no.rank()));
        return add(Operator.WHERE, List.of(condition, yes, no), yes.type(), rank);
    }

    /** Zero where a mask is true. */
    Value clear(Value x, Value mask) {
        Value zero = x.type() == DType.INT64 ? numbers(0) : number(0);
        return where(mask, zero, x);
    }

    Value cast(Value x, DType type) {
        return add(Operator.CAST, List.of(x), type, x.rank());
    }

    Value softmax(Value x, int axis) {
        return add(Operator.SOFTMAX, List.of(x), x.type(), x.rank(), x.axis(axis));
    }

    Value logSumExp(Value x, int axis) {
        return reduce(Operator.LOG_SUM_EXP, x, axis, false);
    }

    Value sum(Value x, int axis, boolean keep) {
        return reduce(Operator.SUM, x, axis, keep);
    }

    Value mean(Value x, int axis, boolean keep) {
        return reduce(Operator.MEAN, x, axis, keep);
    }

    /** The rows of a table that ids name: {@code [..., width]}. */
    Value rows(Value table, Value ids) {
        return add(Operator.GATHER, List.of(table, ids), table.type(), ids.rank() + table.rank() - 1, 0);
    }

    /** What stands at some places of a dimension. */
    Value select(Value x, int axis, long... places) {
        return add(Operator.GATHER, List.of(x, numbers(places)), x.type(), x.rank(), x.axis(axis));
    }

    /** What stands at one place of a dimension, which goes. */
    Value at(Value x, int axis, long place) {
        return squeeze(slice(x, axis, place, place + 1), axis);
    }

    Value slice(Value x, int axis, long from, long to) {
        return add(Operator.SLICE, List.of(x), x.type(), x.rank(), x.axis(axis), from, to);
    }

    Value concat(int axis, List<Value> parts) {
        Value first = parts.get(0);
        return parts.size() == 1 ? first : add(Operator.CONCAT, parts, first.type(), first.rank(), first.axis(axis));
    }

    Value transpose(Value x, long... order) {
        return add(Operator.TRANSPOSE, List.of(x), x.type(), x.rank(), order);
    }

    /** Another shape: 0 keeps the size that stands there, -1 takes what is left. */
    Value reshape(Value x, long... shape) {
        return add(Operator.RESHAPE, List.of(x), x.type(), shape.length, shape);
    }

    Value unsqueeze(Value x, int axis) {
        return add(Operator.UNSQUEEZE, List.of(x), x.type(), x.rank() + 1, axis);
    }

    Value squeeze(Value x, int axis) {
        return add(Operator.SQUEEZE, List.of(x), x.type(), x.rank() - 1, x.axis(axis));
    }

    Value cumulativeSum(Value x, int axis) {
        return add(Operator.CUMULATIVE_SUM, List.of(x), x.type(), x.rank(), x.axis(axis));
    }

    /** Normalises the last dimension, of a size. */
    Value layerNorm(Value x, Value weight, Value bias, long size) {
        return add(Operator.LAYER_NORM, List.of(x, weight, bias), x.type(), x.rank(), size);
    }

    private Value binary(Operator operator, Value a, Value b, DType type) {
        return add(operator, List.of(a, b), type, Math.max(a.rank(), b.rank()));
    }

    private Value reduce(Operator operator, Value x, int axis, boolean keep) {
        Value output = new Value("v" + ++names, x.type(), keep ? x.rank() : x.rank() - 1);
        nodes.add(new Node(operator, List.of(x), output, List.of((long) x.axis(axis)), keep));
        return output;
    }

    private Value add(Operator operator, List<Value> of, DType type, int rank, long... numbers) {
        Value output = new Value("v" + ++names, type, rank);
        nodes.add(new Node(operator, of, output, LongStream.of(numbers).boxed().toList(), false));
        return output;
    }
}
