package dev.marquee.nn;

import dev.marquee.profile.Tally;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Ranges;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * bfloat16 copies of a network's dense parameters, beside the float32 ones that an optimiser changes: made anew once a step,
 * by one pass over the flat parameters, and read by every product of the step. Replicas have them in common.
 */
public final class HalfWeights {
    /** With fewer inputs or outputs a product is worth nothing, and float32 keeps logits exact. */
    private static final long SMALLEST = 16;
    /** A copy of fewer elements is not worth a second thread. */
    private static final int WORTH_A_THREAD = 1 << 16;

    private final FlatParameters flat;
    private final Tensor halves;
    private final Map<String, Tensor> frozen;
    private final Map<String, Tensor> frozenHalves;
    private final IdentityHashMap<Tensor, Tensor> byParameter = new IdentityHashMap<>();
    private boolean frozenAreStale = true;

    /**
     * For a network.
     *
     * @param trainable in the order of the flat parameters
     * @param frozen by name
     */
    HalfWeights(FlatParameters flat, List<Tensor> trainable, Map<String, Tensor> frozen, Arena arena) {
        this.flat = flat;
        this.frozen = frozen;
        this.frozenHalves = new HashMap<>();
        try (Scope scope = Scope.open()) {
            halves = arena.keep(Tensors.zeros(DType.BFLOAT16, flat.values().numel()));
            frozen.forEach((name, tensor) ->
                    frozenHalves.put(name, arena.keep(Tensors.empty(DType.BFLOAT16, Tensors.shape(tensor)))));
        }
        index(trainable, arena);
    }

    /** For a replica, whose tensors have the memory of those that the shared copies are made of. */
    HalfWeights(HalfWeights shared, List<Tensor> trainable, Map<String, Tensor> frozen, Arena arena) {
        this.flat = shared.flat;
        this.frozen = frozen;
        this.halves = shared.halves;
        this.frozenHalves = shared.frozenHalves;
        index(trainable, arena);
    }

    private void index(List<Tensor> trainable, Arena arena) {
        List<Tensor> views = new ArrayList<>();
        try (Scope scope = Scope.open()) {
            for (int i = 0; i < trainable.size(); i++) {
                views.add(arena.keep(flat.view(halves, i)));
            }
        }
        for (int i = 0; i < trainable.size(); i++) {
            byParameter.put(trainable.get(i), views.get(i));
        }
        frozen.forEach((name, tensor) -> byParameter.put(tensor, frozenHalves.get(name)));
    }

    /** Copies the weights, with the threads of an open team if there is one. */
    public void refresh() {
        Tally.bytes(halves, 3);
        Ranges.split(0, Math.toIntExact(halves.numel()), WORTH_A_THREAD, (from, to) -> {
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                long size = (long) to - from;
                halves.narrow(0, from, size).copy_(flat.values().narrow(0, from, size));
            }
        });
        if (frozenAreStale) {
            try (Gradients.Guard off = Gradients.off()) {
                frozen.forEach((name, tensor) -> frozenHalves.get(name).copy_(tensor));
            }
            frozenAreStale = false;
        }
    }

    /** Frozen weights have been given other values. */
    void stale() {
        frozenAreStale = true;
    }

    /** The copy of a weight that is multiplied in bfloat16; null for one that stays float32. */
    @Nullable
    Tensor of(Tensor weight) {
        return weight.size(0) >= SMALLEST && weight.size(1) >= SMALLEST ? byParameter.get(weight) : null;
    }

    /** The copy of a bias; null where there is none. */
    @Nullable
    Tensor ofBias(@Nullable Tensor bias) {
        return bias == null ? null : byParameter.get(bias);
    }
}
