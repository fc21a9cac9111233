package dev.marquee.nn;

import dev.marquee.profile.Tally;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
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
 */
final class DirectLayers {
    private DirectLayers() {}

    /** A linear map and what follows it. */
    record Step(Linear linear, Activation activation, Dropout dropout) {
        private boolean learns() {
            Tensor bias = linear.bias();
            return linear.weight().requires_grad() || (bias != null && bias.requires_grad());
        }
    }

    /**
     * What backward needs of a layer.
     *
     * @param input {@code [rows, inputs]}
     * @param before what the function was applied to, {@code [rows, outputs]}; null if it needs its result only
     * @param output of the function, for ReLU also after dropout
     * @param factors of dropout; null without
     * @param inputNeedsGradient whether anything below learns
     */
    private record Saved(
            Step step,
            Tensor input,
            @Nullable Tensor before,
            Tensor output,
            @Nullable Tensor factors,
            boolean inputNeedsGradient) {}

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
        try (Gradients.Guard off = Gradients.off()) {
            Tensor x = rows(input);
            for (Step step : steps) {
                x = forward(step, x, needsGradient, saved);
                needsGradient |= step.learns();
            }
            output = input.dim() == 2 ? x : x.view(shape(input, x.size(1)));
        }
        return needsGradient ? tape.record(output, gradient -> backward(saved, input, gradient)) : output;
    }

    /** A linear map alone, of which nothing is kept. Gradients are off. */
    static Tensor withoutGradients(Tensor input, Linear linear) {
        Tensor output = SharedProducts.map(rows(input), linear.weight(), linear.bias());
        return input.dim() == 2 ? output : output.view(shape(input, output.size(1)));
    }

    private static Tensor forward(Step step, Tensor x, boolean needsGradient, List<Saved> saved) {
        boolean relu = step.activation() == Activation.RELU;
        Tally.linear(x, step.linear().weight(), needsGradient);
        Tensor before =
                SharedProducts.map(x, step.linear().weight(), step.linear().bias()); // [rows, outputs]
        Tensor output = relu ? before.relu_() : step.activation().apply(before);
        Tensor factors = step.dropout().probability() > 0 ? step.dropout().factors(output) : null;
        Tensor dropped = factors == null ? output : relu ? output.mul_(factors) : output.mul(factors);
        saved.add(new Saved(step, x, step.activation().needsInput() ? before : null, output, factors, needsGradient));
        return dropped;
    }

    private static void backward(List<Saved> saved, Tensor input, Tensor gradient) {
        Tensor rest = rows(gradient);
        boolean own = false;
        for (int i = saved.size() - 1; i >= 0; i--) {
            Saved layer = saved.get(i);
            try (Scope scope = Scope.open()) {
                Tensor dz = throughFunction(layer, rest, own); // [rows, outputs]
                addGradients(layer, dz);
                if (!layer.inputNeedsGradient()) {
                    return;
                }
                Tensor next = scope.promote(
                        SharedProducts.inputGradient(dz, layer.step().linear().weight())); // [rows, inputs]
                if (own) {
                    rest.close(); // before the open scope is, so that its memory serves the next layer
                }
                rest = next;
                own = true;
            }
        }
        Tape.give(input, input.dim() == 2 ? rest : rest.view(input.sizes()));
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
            Tape.give(bias, dz.sum(0));
        }
        if (weight.requires_grad()) {
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
