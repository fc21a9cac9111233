package dev.marquee.export;

/**
 * What a {@link Node} computes, as the ONNX operator of a like name does; {@code torch} writes the same in TorchScript, where
 * {@code %1} stands for the first input and so on. Operators without such a text need more than a template.
 */
enum Operator {
    /** {@code x Wᵀ + b} of the last dimension; W is {@code [outputs, inputs]}. */
    LINEAR("", ""),
    /**
     * The same by integers: {@code x}, {@code Wᵀ} as int8 {@code [inputs, outputs]}, a scale for each output, maybe {@code
     * b}.
     */
    QUANTIZED_LINEAR("", ""),
    MATMUL("MatMul", "torch.matmul(%1, %2)"),
    ADD("Add", "%1 + %2"),
    SUB("Sub", "%1 - %2"),
    MUL("Mul", "%1 * %2"),
    DIV("Div", "%1 / %2"),
    MAX("Max", "torch.maximum(%1, %2)"),
    MIN("Min", "torch.minimum(%1, %2)"),
    NEG("Neg", "-%1"),
    SIGMOID("Sigmoid", "torch.sigmoid(%1)"),
    TANH("Tanh", "torch.tanh(%1)"),
    RELU("Relu", "torch.relu(%1)"),
    GELU("Gelu", "torch.gelu(%1)"),
    LEAKY_RELU("LeakyRelu", "torch.leaky_relu(%1)"),
    ELU("Elu", "torch.elu(%1)"),
    SOFTPLUS("Softplus", "-torch.log_sigmoid(-%1)"),
    LOG("Log", "torch.log(%1)"),
    NOT("Not", "torch.logical_not(%1)"),
    AND("And", "torch.logical_and(%1, %2)"),
    EQUAL("Equal", "torch.eq(%1, %2)"),
    GREATER_OR_EQUAL("GreaterOrEqual", "torch.ge(%1, %2)"),
    WHERE("Where", "torch.where(%1, %2, %3)"),
    CAST("Cast", ""),
    SOFTMAX("Softmax", "torch.softmax(%1, %a)"),
    LOG_SUM_EXP("ReduceLogSumExp", "torch.logsumexp(%1, [%a], %k)"),
    SUM("ReduceSum", "torch.sum(%1, [%a], %k)"),
    MEAN("ReduceMean", "torch.mean(%1, [%a], %k)"),
    /** Rows of a constant along a dimension. */
    GATHER("Gather", ""),
    /** Rows of int8, each times its scale: table, scales {@code [rows]}, ids. */
    QUANTIZED_GATHER("", ""),
    SLICE("Slice", "torch.slice(%1, %a, %b, %c)"),
    CONCAT("Concat", ""),
    TRANSPOSE("Transpose", "torch.permute(%1, [%*])"),
    RESHAPE("Reshape", ""),
    UNSQUEEZE("Unsqueeze", "torch.unsqueeze(%1, %a)"),
    SQUEEZE("Squeeze", "torch.squeeze(%1, %a)"),
    CUMULATIVE_SUM("CumSum", "torch.cumsum(%1, %a)"),
    LAYER_NORM("LayerNormalization", "");

    private final String onnx;
    private final String torch;

    Operator(String onnx, String torch) {
        this.onnx = onnx;
        this.torch = torch;
    }

    /** The ONNX operator; empty where there is none that does all of it. */
    String onnx() {
        return onnx;
    }

    /** The template; empty where there is none. */
    String torch() {
        return torch;
    }
}
