package dev.marquee.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.jspecify.annotations.Nullable;

/**
 * Joins tensors that were computed outside the engine's graph to it, with gradients by a formula of their own:
 * {@code torch.autograd.Function} for Java. Whoever uses the tensors sees no difference: {@code loss.backward()} passes
 * through them.
 *
 * <pre>{@code
 * Tensor y;
 * try (Gradients.Guard off = Gradients.off()) {
 *     y = computed from x by any means
 * }
 * OwnGradient.join(List.of(y), List.of(x), gradients -> List.of(gradient of x, from gradients.get(0)));
 * }</pre>
 *
 * <p>How: the engine's graph gets a branch from the inputs to the outputs that adds zero, and whose gradients hooks
 * replace by the formula's. It reads each input that requires a gradient once, and each output.
 */
public final class OwnGradient {
    private final Formula formula;
    private final List<@Nullable Tensor> outputGradients;
    private List<? extends @Nullable Tensor> inputGradients = List.of();

    private OwnGradient(Formula formula, int outputs) {
        this.formula = formula;
        this.outputGradients = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            outputGradients.add(null);
        }
    }

    /** From the gradients of the outputs to those of the inputs. */
    @FunctionalInterface
    public interface Formula {
        /**
         * Computes the gradients of the inputs; gradients are off meanwhile. Called once for each backward pass that
         * reaches an output, within a scope of its own.
         *
         * @param outputs one for each output, of its shape and any layout, not to be changed; null where the output was
         *     not used
         * @return one for each input, of its shape and type; null where the input does not require a gradient
         */
        List<? extends @Nullable Tensor> inputs(List<? extends @Nullable Tensor> outputs);
    }

    /**
     * Makes outputs part of the graph. Does nothing when gradients are off or no input requires one.
     *
     * @param outputs computed with gradients off, each with memory of its own
     * @param inputs what they were computed from, floating-point
     * @param formula how gradients go from the outputs to the inputs; kept as long as the open scope
     */
    public static void join(List<Tensor> outputs, List<Tensor> inputs, Formula formula) {
        Scope.requireOpen();
        if (!GradMode.is_enabled()) {
            return;
        }
        OwnGradient own = new OwnGradient(formula, outputs.size());
        Tensor branch = null;
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).requires_grad()) {
                Tensor alias = inputs.get(i).view_as(inputs.get(i));
                int index = i;
                alias.register_hook(new Hook(given -> own.inputGradient(index)));
                // The gradient of a sum is one number seen as a tensor of the input's shape: no memory, no pass.
                Tensor sum = alias.sum();
                branch = branch == null ? sum : branch.add(sum);
            }
        }
        if (branch == null) {
            return;
        }
        branch.zero_(); // also where an input is infinite or NaN
        branch.register_hook(new Hook(own::compute));
        for (int i = 0; i < outputs.size(); i++) {
            int index = i;
            outputs.get(i).add_(branch);
            outputs.get(i).register_hook(new Hook(given -> own.outputGradient(index, given)));
        }
    }

    private TensorBase outputGradient(int index, TensorBase given) {
        outputGradients.set(index, new Tensor(given));
        return given;
    }

    /** Called when the gradients of all outputs are known. */
    private TensorBase compute(TensorBase given) {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            inputGradients = formula.inputs(outputGradients);
            for (Tensor gradient : inputGradients) {
                if (gradient != null) {
                    scope.promote(gradient);
                }
            }
        }
        outputGradients.replaceAll(gradient -> null);
        return given;
    }

    private TensorBase inputGradient(int index) {
        Tensor gradient = inputGradients.get(index);
        if (gradient == null) {
            throw new IllegalStateException("the formula gave no gradient of input " + index + ", which requires one");
        }
        return gradient;
    }

    /** A hook of the engine, which lives as long as the open scope. */
    private static final class Hook extends TensorTensorHook {
        private final UnaryOperator<TensorBase> replacement;

        Hook(UnaryOperator<TensorBase> replacement) {
            this.replacement = replacement;
        }

        @Override
        public TensorBase call(TensorBase gradient) {
            return replacement.apply(gradient);
        }
    }
}
