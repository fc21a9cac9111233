package dev.marquee.export;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.marquee.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Steps of a {@link Graph} as ONNX's operators. */
final class OnnxNodes {
    private static final double LAYER_NORM_EPSILON = 1e-5;
    private static final double LEAK = 0.01;

    private final GraphProto.Builder graph;
    private final Map<String, String> constants = new HashMap<>();
    private int names;

    OnnxNodes(GraphProto.Builder graph) {
        this.graph = graph;
    }

    void add(Node node) {
        List<String> inputs = node.inputs().stream().map(Value::name).toList();
        String output = node.output().name();
        switch (node.operator()) {
            case LINEAR -> linear(node, inputs);
            case QUANTIZED_LINEAR -> quantizedLinear(inputs, output);
            case QUANTIZED_GATHER -> quantizedGather(node, inputs, output);
            case SLICE ->
                put(
                        node,
                        List.of(
                                inputs.get(0),
                                whole(node.numbers().get(1)),
                                whole(node.numbers().get(2)),
                                whole(node.numbers().get(0))));
            case SUM, MEAN, LOG_SUM_EXP ->
                put(node, List.of(inputs.get(0), whole(node.axis())), OnnxFile.whole("keepdims", node.keep() ? 1 : 0));
            case UNSQUEEZE, SQUEEZE -> put(node, List.of(inputs.get(0), whole(node.axis())));
            case CUMULATIVE_SUM -> put(node, List.of(inputs.get(0), scalar(node.axis())));
            case RESHAPE -> put(node, List.of(inputs.get(0), wholes(node.numbers())));
            case TRANSPOSE -> put(node, inputs, OnnxFile.wholes("perm", node.numbers()));
            case CONCAT, SOFTMAX, GATHER -> put(node, inputs, OnnxFile.whole("axis", node.axis()));
            case CAST ->
                put(
                        node,
                        inputs,
                        OnnxFile.whole("to", OnnxFile.type(node.output().type()).getNumber()));
            case LAYER_NORM ->
                put(node, inputs, OnnxFile.whole("axis", -1), OnnxFile.number("epsilon", LAYER_NORM_EPSILON));
            case LEAKY_RELU -> put(node, inputs, OnnxFile.number("alpha", LEAK));
            default -> put(node, inputs);
        }
    }

    private void linear(Node node, List<String> inputs) {
        String output = node.output().name();
        if (node.inputs().get(0).rank() == 2) {
            put("Gemm", inputs, output, OnnxFile.whole("transB", 1));
            return;
        }
        String turned = put("Transpose", List.of(inputs.get(1)), name(), OnnxFile.wholes("perm", List.of(1L, 0L)));
        if (inputs.size() == 2) {
            put("MatMul", List.of(inputs.get(0), turned), output);
        } else {
            String product = put("MatMul", List.of(inputs.get(0), turned), name());
            put("Add", List.of(product, inputs.get(2)), output);
        }
    }

    /** The pattern that ONNX Runtime makes one operator of, on the CPU. */
    private void quantizedLinear(List<String> inputs, String output) {
        String bytes = name();
        String scale = name();
        String zero = name();
        graph.addNode(NodeProto.newBuilder()
                .setOpType("DynamicQuantizeLinear")
                .addInput(inputs.get(0))
                .addAllOutput(List.of(bytes, scale, zero)));
        String product = put("MatMulInteger", List.of(bytes, inputs.get(1), zero), name());
        String floats = put("Cast", List.of(product), name(), OnnxFile.whole("to", TensorProto.DataType.FLOAT_VALUE));
        String scales = put("Mul", List.of(scale, inputs.get(2)), name());
        boolean withBias = inputs.size() > 3;
        String scaled = put("Mul", List.of(floats, scales), withBias ? name() : output);
        if (withBias) {
            put("Add", List.of(scaled, inputs.get(3)), output);
        }
    }

    private void quantizedGather(Node node, List<String> inputs, String output) {
        String rows = put("Gather", List.of(inputs.get(0), inputs.get(2)), name(), OnnxFile.whole("axis", 0));
        String scales = put("Gather", List.of(inputs.get(1), inputs.get(2)), name(), OnnxFile.whole("axis", 0));
        String floats = put("Cast", List.of(rows), name(), OnnxFile.whole("to", TensorProto.DataType.FLOAT_VALUE));
        String each = put("Unsqueeze", List.of(scales, whole(node.output().rank() - 1L)), name());
        put("Mul", List.of(floats, each), output);
    }

    private void put(Node node, List<String> inputs, AttributeProto... attributes) {
        put(node.operator().onnx(), inputs, node.output().name(), attributes);
    }

    private String put(String operator, List<String> inputs, String output, AttributeProto... attributes) {
        graph.addNode(NodeProto.newBuilder()
                .setOpType(operator)
                .setName(operator + "." + output)
                .addAllInput(inputs)
                .addOutput(output)
                .addAllAttribute(List.of(attributes)));
        return output;
    }

    private String name() {
        return "onnx" + ++names;
    }

    private String whole(long value) {
        return wholes(List.of(value));
    }

    private String wholes(List<Long> values) {
        String key = values.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
        return constants.computeIfAbsent(key, some -> constant(values, List.of((long) values.size())));
    }

    private String scalar(long value) {
        return constants.computeIfAbsent("" + value, some -> constant(List.of(value), List.of()));
    }

    private String constant(List<Long> values, List<Long> shape) {
        String name = "whole" + (constants.size() + 1);
        graph.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(OnnxFile.type(DType.INT64).getNumber())
                .addAllDims(new ArrayList<>(shape))
                .addAllInt64Data(values));
        return name;
    }
}
