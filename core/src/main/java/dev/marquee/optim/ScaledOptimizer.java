package dev.marquee.optim;

import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.StrictCopy;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.RowSubset;
import dev.marquee.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Steps by the gradients of a loss that was multiplied by a {@link LossScale}: takes the scale out of them, and steps by
 * another optimiser if all are finite. If one is not, nothing changes but the scale. In checkpoints the scale is {@code
 * loss_scale}.
 */
public final class ScaledOptimizer implements Optimizer {
    private static final String NAME = "loss_scale";

    private final Optimizer optimizer;
    private final Parameters parameters;
    private final LossScale scale;

    /**
     * Around another optimiser.
     *
     * @param optimizer what steps; clips too, if anything does
     * @param parameters what it changes
     * @param scale what the loss is multiplied by; both are closed with this
     */
    public ScaledOptimizer(Optimizer optimizer, Parameters parameters, LossScale scale) {
        this.optimizer = optimizer;
        this.parameters = parameters;
        this.scale = scale;
    }

    @Override
    public void step(double learningRate) {
        boolean finite = unscale();
        scale.update(finite);
        if (finite) {
            optimizer.step(learningRate);
        }
    }

    /** Takes the scale out of all gradients; whether all are finite. */
    private boolean unscale() {
        List<Tensor> gradients = new ArrayList<>();
        // In the caller's scope: the optimiser steps by the same tensors.
        for (EmbeddingTable table : parameters.tables()) {
            table.gradient().ifPresent(gradient -> gradients.add(gradient.values()));
        }
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            gradients.addAll(Arrays.asList(GradientClipping.gradients(parameters)));
            Scalar factor = new Scalar(1 / scale.value()); // exact: a power of 2
            boolean finite = true;
            for (Tensor gradient : gradients) {
                finite &= gradient.mul_(factor).isfinite().all().item_bool();
            }
            return finite;
        }
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>(optimizer.state());
        state.put(NAME, scale.state());
        return state;
    }

    @Override
    public Map<String, RowSubset> subsets() {
        return optimizer.subsets();
    }

    @Override
    public void load(Map<String, Tensor> state) {
        StrictCopy.copy(state, state(), "the state", "the optimiser", true);
    }

    @Override
    public void close() {
        optimizer.close();
        scale.close();
    }
}
