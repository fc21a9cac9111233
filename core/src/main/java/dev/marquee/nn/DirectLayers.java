package dev.marquee.nn;

import dev.marquee.profile.Tally;
import dev.marquee.tensor.Autocast;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.OwnGradient;
import dev.marquee.tensor.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Linear maps in a row, each with a function and dropout after it, computed outside the engine's graph as one part of a
 * {@link Tape}. Forward, {@code y = dropout(f(x Wᵀ + b))} for each layer; backward, with {@code dz} the gradient of what
 * the function is applied to:
 *
 * <pre>
 *     dz = f'(dropout(dy))      db = Σ dz      dW = dzᵀ x      dx = dz W
 * </pre>
 *
 * <p>Kept from forward to backward are the layers' outputs, and the factors of dropout. The gradients are those of the
 * engine's graph up to the order of summation within a product. What needs no gradient is not computed: {@code dx} of a
 * first layer on pictures, or anything below the lowest layer that learns.
 *
 * <p>Where the tape has weights in bfloat16 ({@link HalfWeights}), products, activations and their gradients are of that type,
 * as autocast has them, but for maps of few inputs or outputs, which stay float32, and for the gradients of biases, which are
 * summed in float32.
 */
final class DirectLayers {
    private static final byte BFLOAT16 = ScalarType.BFloat16.value;

    private DirectLayers() {}

    /** A linear map and what follows it. */
    record Step(Linear linear, Activation activation, Dropout dropout) {
        private boolean learns() {
            Tensor bias = linear.bias();
            return linear.weight().requires_grad() || (bias != null && bias.requires_grad());
        }
    }

    /**
     * What backward needs of a layer. Everything is of the type that the layer computes in.
     *
     * @param weight what was multiplied by: the map's, or its copy in bfloat16
     * @param input {@code [rows, inputs]}
     * @param before what the function was applied to, {@code [rows, outputs]}; null if it needs its result only
     * @param output of the function, for ReLU also after dropout
     * @param factors of dropout; null without
     * @param inputNeedsGradient whether anything below learns
     */
    private record Saved(
            Step step,
            Tensor weight,
            Tensor input,
            @Nullable Tensor before,
            Tensor output,
            @Nullable Tensor factors,
            boolean inputNeedsGradient) {
        boolean half() {
            return weight.scalar_type().value == BFLOAT16;
        }
    }

    /**
     * Applies the layers, and records them.
     *
     * @param tape the open one
     * @param steps at least one
     * @param input {@code [..., inputs]}
     * @return {@code [..., outputs]}
     * @throws IllegalArgumentException when the last dimension is not {@code inputs}
     */
    static Tensor forward(Tape tape, List<Step> steps, Tensor input) {
        Shapes.requireLast(input, steps.get(0).linear().weight().size(1), "the linear map's input");
        Tensor output;
        List<Saved> saved = new ArrayList<>(steps.size());
        boolean needsGradient = input.requires_grad();
        try (Gradients.Guard off = Gradients.off();
                Autocast.Suspended own = Autocast.suspended()) {
            Tensor x = rows(input);
            for (Step step : steps) {
                x = forward(step, tape.halves(), x, needsGradient, saved);
                needsGradient |= step.learns();
            }
            output = input.dim() == 2 ? x : x.view(shape(input, x.size(1)));
        }
        if (needsGradient && input.requires_grad() && !input.is_leaf()) {
            // Other things may depend on the input too, and what it was made from is to be visited once for all of
            // them.
            Tensor joined = output.detach(); // the engine changes nothing in place that is a view
            OwnGradient.join(
                    List.of(joined),
                    List.of(input),
                    gradients -> Collections.singletonList(backward(saved, input, arrived(gradients.get(0), output))));
            return joined;
        }
        return needsGradient ? tape.record(output, gradient -> giveGradient(saved, input, gradient)) : output;
    }

    private static Tensor arrived(@Nullable Tensor gradient, Tensor output) {
        return gradient == null ? torch.zeros_like(output) : gradient;
    }

    private static void giveGradient(List<Saved> saved, Tensor input, Tensor gradient) {
        Tensor ofInput = backward(saved, input, gradient);
        if (ofInput != null) {
            Tape.give(input, ofInput);
        }
    }

    /** A linear map alone, of which nothing is kept. Gradients are off. */
    static Tensor withoutGradients(Tensor input, Linear linear) {
        Tensor output = SharedProducts.map(rows(input), linear.weight(), linear.bias());
        return input.dim() == 2 ? output : output.view(shape(input, output.size(1)));
    }

    private static Tensor forward(
            Step step, @Nullable HalfWeights halves, Tensor given, boolean needsGradient, List<Saved> saved) {
        boolean relu = step.activation() == Activation.RELU;
        Linear linear = step.linear();
        Tensor half = halves == null ? null : halves.of(linear.weight());
        Tensor weight = half == null ? linear.weight() : half;
        Tensor x = given.to(weight.scalar_type()); // the same tensor, where it is of that type
        Tally.linear(x, linear.weight(), needsGradient);
        Tensor before = halves == null || half == null
                ? SharedProducts.map(x, weight, linear.bias())
                : HalfProducts.map(x, half, halves.ofBias(linear.bias())); // [rows, outputs]
        Tensor output = relu ? before.relu_() : step.activation().apply(before);
        Tensor factors = step.dropout().probability() > 0 ? step.dropout().factors(output) : null;
        Tensor dropped = factors == null ? output : relu ? output.mul_(factors) : output.mul(factors);
        saved.add(new Saved(
                step, weight, x, step.activation().needsInput() ? before : null, output, factors, needsGradient));
        return dropped;
    }

    /** Adds the gradients of the parameters; that of the input, or null where nothing below learns. */
    private static @Nullable Tensor backward(List<Saved> saved, Tensor input, Tensor gradient) {
        Tensor rest = rows(gradient);
        boolean own = false;
        for (int i = saved.size() - 1; i >= 0; i--) {
            Saved layer = saved.get(i);
            try (Scope scope = Scope.open()) {
                boolean same = rest.scalar_type().value == layer.output().scalar_type().value;
                Tensor arrived = same ? rest : rest.to(layer.output().scalar_type());
                Tensor dz = throughFunction(layer, arrived, own || !same); // [rows, outputs]
                addGradients(layer, dz);
                if (!layer.inputNeedsGradient()) {
                    return null;
                }
                Tensor next = scope.promote(
                        layer.half()
                                ? HalfProducts.inputGradient(dz, layer.weight())
                                : SharedProducts.inputGradient(dz, layer.weight())); // [rows, inputs]
                if (own) {
                    rest.close(); // before the open scope is, so that its memory serves the next layer
                }
                rest = next;
                own = true;
            }
        }
        Tensor ofInput = rest.to(input.scalar_type());
        return input.dim() == 2 ? ofInput : ofInput.view(input.sizes());
    }

    /** The gradient before function and dropout; written over the one after them if that is our own. */
    private static Tensor throughFunction(Saved layer, Tensor gradient, boolean own) {
        Tensor factors = layer.factors();
        Tensor dy = factors == null ? gradient : own ? gradient.mul_(factors) : gradient.mul(factors);
        if (layer.step().activation() == Activation.RELU && (own || factors != null)) {
            return torch.threshold_backward_out(dy, dy, layer.output(), new Scalar(0));
        }
        return layer.step().activation().backward(dy, layer.before(), layer.output());
    }

    private static void addGradients(Saved layer, Tensor dz) {
        Tensor weight = layer.step().linear().weight();
        Tensor bias = layer.step().linear().bias();
        if (bias != null && bias.requires_grad()) {
            Tape.give(
                    bias,
                    layer.half()
                            ? dz.sum(new long[] {0}, false, new ScalarTypeOptional(DType.FLOAT32.scalarType()))
                            : dz.sum(0));
        }
        if (weight.requires_grad() && layer.half()) {
            HalfProducts.addWeightGradient(dz, layer.input(), weight);
        } else if (weight.requires_grad()) {
            SharedProducts.addWeightGradient(dz, layer.input(), weight);
        }
    }

    /** All dimensions but the last in one, laid out one row after the other. */
    private static Tensor rows(Tensor tensor) {
        Tensor rows = tensor.dim() == 2 ? tensor : tensor.reshape(tensor.numel() / tensor.size(-1), tensor.size(-1));
        return rows.is_contiguous() ? rows : rows.contiguous();
    }

    private static long[] shape(Tensor input, long last) {
        long[] shape = new long[(int) input.dim()];
        for (int i = 0; i + 1 < shape.length; i++) {
            shape[i] = input.size(i);
        }
        shape[shape.length - 1] = last;
        return shape;
    }
}
