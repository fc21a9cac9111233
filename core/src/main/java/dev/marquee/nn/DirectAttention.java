package dev.marquee.nn;

import dev.marquee.tensor.Autocast;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.OwnGradient;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Attention with a backward pass of its own, for main memory: no work on padding, no copies to bring heads or batches
 * together, small products without the engine's cost for each. Equal to the recorded way but for rounding, in values and
 * gradients, and for what dropout draws.
 */
record DirectAttention(
        AttentionMaps maps, Dropout dropout, boolean causal, Function<AttentionProblem, DirectAttention.Way> choice) {

    DirectAttention(AttentionMaps maps, Dropout dropout, boolean causal) {
        this(maps, dropout, causal, DirectAttention::fastest);
    }

    /** An order of computation, computed forward when made. */
    interface Way {
        /** {@code [batch, queries, units]}. */
        Tensor output();

        /** In an order of dimensions of its own. */
        Tensor scores();

        /** Scores as {@code [heads, batch, queries, keys]}. */
        Tensor headsFirst(Tensor scores);

        /** The gradients of {@link AttentionProblem#inputs}. */
        List<@Nullable Tensor> backward(Tensor ofOutput, @Nullable Tensor ofScores);
    }

    /** Whether the engine's graph is not needed for types, a device or a choice of precisions. */
    boolean suits(Tensor query, Tensor key, Tensor value) {
        long width = Math.max(maps.units(), Math.max(query.size(2), Math.max(key.size(2), value.size(2))));
        if (!query.is_cpu() || !Tape.mayFuse(width)) {
            return false;
        }
        DType type = DType.of(query);
        return (type == DType.FLOAT32 || type == DType.FLOAT64) && DType.of(key) == type && DType.of(value) == type;
    }

    /**
     * Output and scores, but for the output projection.
     *
     * @param query {@code [batch, queries, query_dim]}
     * @param key {@code [batch, keys, key_dim]}
     * @param value {@code [batch, keys, value_dim]}; the same object as the key where values are made from the keys
     * @param mask {@code [batch, keys]}, true = hidden; null hides none
     */
    MultiHeadAttention.Attention forward(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask, Mode mode) {
        Way way;
        try (Gradients.Guard off = Gradients.off();
                Autocast.Suspended own = Autocast.suspended()) {
            way = way(query, key, value, mask, mode);
        }
        try (Autocast.Suspended own = Autocast.suspended()) {
            OwnGradient.join(
                    List.of(way.output(), way.scores()),
                    AttentionProblem.inputs(query, key, value, maps),
                    gradients -> way.backward(
                            dense(gradients.get(0), way.output()), gradients.get(1) == null ? null : gradients.get(1)));
        }
        return new MultiHeadAttention.Attention(way.output(), way.headsFirst(way.scores()));
    }

    private Way way(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask, Mode mode) {
        KeyWindows windows = KeyWindows.of(mask, key.size(0), key.size(1));
        HiddenKeys hidden =
                windows.holes() || causal ? HiddenKeys.of(mask, causal, query.size(1), key.size(1), query) : null;
        Tensor keys = key.contiguous();
        AttentionProblem problem = new AttentionProblem(
                query.contiguous(),
                keys,
                value.equals(key) ? keys : value.contiguous(),
                windows,
                hidden,
                maps,
                dropout,
                mode,
                new AttentionProblem.Wanted(query.requires_grad(), key.requires_grad(), value.requires_grad()));
        return choice.apply(problem);
    }

    private static Way fastest(AttentionProblem problem) {
        return RawKeys.suits(problem) ? new RawKeys(problem) : new ProjectedKeys(problem);
    }

    private static Tensor dense(@Nullable Tensor gradient, Tensor output) {
        return gradient == null ? torch.zeros_like(output) : gradient.contiguous();
    }
}
