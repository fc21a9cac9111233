package dev.marquee.export;

import dev.marquee.nn.Activation;
import dev.marquee.nn.Norm;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The layers that most networks have, in evaluation: dropout is nothing there, and batch norm is a line. */
final class Layers {
    private static final double BATCH_NORM_EPSILON = 1e-5;
    private static final double DICE_EPSILON = 1e-8;

    private Layers() {}

    /** {@link dev.marquee.nn.Linear}. */
    static Value linear(Weights.Place place, Value x) {
        return place.graph().linear(x, place.constant("weight"), place.has("bias") ? place.constant("bias") : null);
    }

    /** {@link Activation}. */
    static Value activation(Graph graph, Activation activation, Value x) {
        return switch (activation) {
            case RELU -> graph.apply(Operator.RELU, x);
            case GELU -> graph.apply(Operator.GELU, x);
            case TANH -> graph.apply(Operator.TANH, x);
            case SIGMOID -> graph.apply(Operator.SIGMOID, x);
            case SILU -> graph.mul(x, graph.apply(Operator.SIGMOID, x));
            case LEAKY_RELU -> graph.apply(Operator.LEAKY_RELU, x);
            case ELU -> graph.apply(Operator.ELU, x);
            case IDENTITY -> x;
        };
    }

    /** {@link dev.marquee.nn.LayerNorm}. */
    static Value layerNorm(Weights.Place place, Value x) {
        long size = place.tensor("weight").size(0);
        return place.graph().layerNorm(x, place.constant("weight"), place.constant("bias"), size);
    }

    /** {@link dev.marquee.nn.BatchNorm}: {@code x · scale + shift}, over the last dimension. */
    static Value batchNorm(Weights.Place place, Value x) {
        Tensor inverse = inverse(place, BATCH_NORM_EPSILON);
        Tensor scale = inverse.mul(exact(place.tensor("weight")));
        Tensor shift = exact(place.tensor("bias"))
                .sub(exact(place.tensor("running_mean")).mul(scale));
        return line(place, x, scale, shift);
    }

    /** {@link dev.marquee.nn.Dice}. */
    static Value dice(Weights.Place place, Value x) {
        Graph graph = place.graph();
        Tensor inverse = inverse(place, DICE_EPSILON);
        Tensor shift = exact(place.tensor("running_mean")).mul(inverse).neg();
        Value share = graph.apply(Operator.SIGMOID, line(place, x, inverse, shift));
        Value bent = graph.mul(x, place.constant("alpha"));
        return graph.add(bent, graph.mul(share, graph.sub(x, bent)));
    }

    /** {@link dev.marquee.nn.HiddenLayers}. */
    static Value hidden(
            Weights.Place place, Value x, List<Integer> sizes, Activation activation, boolean dice, Norm norm) {
        Value y = x;
        for (int i = 1; i <= sizes.size(); i++) {
            y = linear(place.child("fc" + i), y);
            y = norm(place.child("norm" + i), norm, y);
            y = dice ? dice(place.child("dice" + i), y) : activation(place.graph(), activation, y);
        }
        return y;
    }

    /** A norm, or none. */
    static Value norm(Weights.Place place, Norm norm, Value x) {
        return switch (norm) {
            case NONE -> x;
            case BATCH -> batchNorm(place, x);
            case LAYER -> layerNorm(place, x);
        };
    }

    /** {@link dev.marquee.nn.MultilayerPerceptron}: the layers before the last have an activation. */
    static Value perceptron(Weights.Place place, Value x, int layers, Activation activation, Norm norm) {
        List<Integer> hidden = Collections.nCopies(layers - 1, 0);
        return linear(place.child("fc" + layers), hidden(place, x, hidden, activation, false, norm));
    }

    private static Tensor inverse(Weights.Place place, double epsilon) {
        return exact(place.tensor("running_var")).add(new Scalar(epsilon)).rsqrt();
    }

    private static Value line(Weights.Place place, Value x, Tensor scale, Tensor shift) {
        Graph graph = place.graph();
        Value slope = place.computed("scale", scale.to(DType.FLOAT32.scalarType()));
        return graph.add(graph.mul(x, slope), place.computed("shift", shift.to(DType.FLOAT32.scalarType())));
    }

    private static Tensor exact(Tensor tensor) {
        return tensor.to(DType.FLOAT64.scalarType());
    }

    /** {@link dev.marquee.nn.FactorizationMachine}: {@code [batch, fields, width]} to {@code [batch, 1]}. */
    static Value pairs(Graph graph, Value fields) {
        Value sum = graph.sum(fields, 1, false);
        Value squareOfSum = graph.mul(sum, sum);
        Value sumOfSquares = graph.sum(graph.mul(fields, fields), 1, false);
        Value both = graph.sum(graph.sub(squareOfSum, sumOfSquares), 1, true);
        return graph.mul(both, graph.constant(Tensors.of(new float[] {0.5f}, 1)));
    }
}
