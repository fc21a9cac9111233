package dev.marquee.nn;

import dev.marquee.tensor.Autocast;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Draws;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Activation checkpointing (Chen et al., <em>Training Deep Nets with Sublinear Memory Cost</em>, 2016;
 * {@code torch.utils.checkpoint}): a part of a network whose activations are freed after its forward pass, and computed
 * once more when its backward pass begins, with the same draws. Only its inputs and its output are kept in between.
 *
 * <p>The gradients are those without it. It is used where the open {@link Tape} says so; a part must not change anything
 * in its forward pass, such as the running statistics of batch norm.
 */
public final class Recomputed {
    private Recomputed() {}

    /**
     * Computes a part.
     *
     * @param inputs all that the part computes from and that may have a gradient, besides parameters
     * @param mode whether this is training
     * @param part from tensors in the place of the inputs to the output; called twice where it is recomputed
     * @return what the part gives
     */
    public static Tensor forward(List<Tensor> inputs, Mode mode, Function<List<Tensor>, Tensor> part) {
        Tape tape = Tape.recomputing(mode);
        if (tape == null) {
            return part.apply(inputs);
        }
        Tensor draws = Draws.state();
        Autocast.Setting setting = Autocast.setting(Device.of(inputs.get(0)));
        Tensor output;
        boolean learns;
        try (Scope scope = Scope.open()) {
            Tensor made = alone(tape, () -> part.apply(leaves(inputs)));
            learns = made.requires_grad();
            output = scope.promote(made.detach());
        }
        return learns
                ? tape.record(output, gradient -> backward(tape, inputs, part, draws, setting, gradient))
                : output;
    }

    private static void backward(
            Tape tape,
            List<Tensor> inputs,
            Function<List<Tensor>, Tensor> part,
            Tensor draws,
            Autocast.Setting setting,
            Tensor gradient) {
        List<@Nullable Tensor> gradients = new ArrayList<>();
        try (Scope scope = Scope.open()) {
            Tensor later = Draws.state();
            Draws.goTo(draws);
            List<Tensor> leaves = leaves(inputs);
            alone(tape, () -> {
                Tensor output = again(part, leaves, setting);
                Tape.current().backward(output, gradient);
                return output;
            });
            Draws.goTo(later);
            for (Tensor leaf : leaves) {
                Tensor arrived = leaf.mutable_grad();
                gradients.add(arrived.defined() ? scope.promote(arrived.detach()) : null);
            }
        }
        for (int i = 0; i < inputs.size(); i++) {
            Tensor arrived = gradients.get(i);
            if (arrived != null) {
                Tape.give(inputs.get(i), arrived);
            }
        }
    }

    private static Tensor again(Function<List<Tensor>, Tensor> part, List<Tensor> leaves, Autocast.Setting setting) {
        try (Gradients.Guard on = Gradients.on()) {
            if (!setting.enabled()) {
                return part.apply(leaves);
            }
            try (Autocast.Guard guard = setting.again()) {
                return part.apply(leaves);
            }
        }
    }

    private interface Work {
        Tensor run();
    }

    /** On a tape of its own. */
    private static Tensor alone(Tape tape, Work work) {
        try (Tape inner = tape.inner()) {
            return work.run();
        } finally {
            tape.resume();
        }
    }

    private static List<Tensor> leaves(List<Tensor> inputs) {
        List<Tensor> leaves = new ArrayList<>();
        for (Tensor input : inputs) {
            leaves.add(input.detach().set_requires_grad(input.requires_grad()));
        }
        return leaves;
    }
}
