package dev.marquee.optim;

import dev.marquee.nn.Parameters;
import dev.marquee.nn.StrictCopy;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The trainable parameters with what an optimiser remembers of each: its moments, which start as zeros, and how many
 * steps it has taken. A parameter without a gradient takes no step, so the counts may differ; they are one int64
 * tensor, {@code step}, with an element for each parameter in their order. An optimiser without moments has no counts.
 */
final class Slots implements AutoCloseable {
    private final Arena arena = Arena.open("optimiser state");
    private final Map<String, Tensor> state = new LinkedHashMap<>();
    private final List<Slot> slots = new ArrayList<>();
    private final LongBuffer steps;
    private final boolean counted;
    private boolean closed;

    private record Slot(Tensor parameter, List<Tensor> moments) {}

    /** What happens to one parameter in one step. */
    @FunctionalInterface
    interface Rule {
        /**
         * Changes the parameter and its moments in place; gradients are not recorded.
         *
         * @param parameter what to change
         * @param gradient its gradient, not to be changed
         * @param moments in the order of their names
         * @param step how many steps the parameter has taken, this one included; 0 if not counted
         */
        void apply(Tensor parameter, Tensor gradient, List<Tensor> moments, long step);
    }

    Slots(Parameters parameters, List<String> moments) {
        counted = !moments.isEmpty();
        try (Scope scope = Scope.open()) {
            int count = counted ? parameters.trainable().size() : 0;
            Tensor counts = arena.keep(Tensors.zeros(DType.INT64, count));
            // The counts are read and written in place, without an operator.
            steps = Tensors.bytes(counts).asLongBuffer();
            if (counted) {
                state.put("step", counts);
            }
            parameters.trainable().forEach((name, parameter) -> {
                List<Tensor> own = new ArrayList<>();
                for (String moment : moments) {
                    Tensor tensor = arena.keep(Tensors.zeros(parameters.type(), Tensors.shape(parameter)));
                    state.put(moment + "." + name, tensor);
                    own.add(tensor);
                }
                slots.add(new Slot(parameter, List.copyOf(own)));
            });
        }
    }

    /** Applies the rule to every parameter that has a gradient. */
    void update(Rule rule) {
        requireOpen();
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            for (int i = 0; i < slots.size(); i++) {
                Slot slot = slots.get(i);
                Tensor gradient = slot.parameter.mutable_grad();
                if (gradient.defined()) {
                    rule.apply(slot.parameter, gradient, slot.moments, count(i));
                }
            }
        }
    }

    Map<String, Tensor> state() {
        requireOpen();
        return Collections.unmodifiableMap(state);
    }

    void load(Map<String, Tensor> values) {
        requireOpen();
        StrictCopy.copy(values, state, "the state", "the optimiser", true);
    }

    @Override
    public void close() {
        closed = true;
        arena.close();
    }

    private long count(int index) {
        if (!counted) {
            return 0;
        }
        long step = steps.get(index) + 1;
        steps.put(index, step);
        return step;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the optimiser is closed");
        }
    }
}
