package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Which keys a query must not see, and which queries see none.
 *
 * <p>The softmax over no key is 0/0. So the keys of a query that sees none are left visible in the softmax, and what
 * comes out of it is set to zero afterwards: values and gradients are then zero, never NaN.
 *
 * @param filled true where a score becomes −∞, {@code [batch, queries or 1, keys]}
 * @param blind true for queries that see no key, {@code [batch, queries or 1, 1]}; null when there are none
 */
record HiddenKeys(Tensor filled, @Nullable Tensor blind) {
    /**
     * From a padding mask and the wish for a causal one.
     *
     * @param mask true = hidden, {@code [batch, keys]}
     * @param causal whether query i sees only the keys 0 to i
     * @param queries the number of queries
     * @param keys the number of keys
     * @param like lies where the result is needed
     * @return what to hide; null when nothing is
     */
    static @Nullable HiddenKeys of(@Nullable Tensor mask, boolean causal, long queries, long keys, Tensor like) {
        if (mask == null) {
            // Every query sees key 0.
            return causal ? new HiddenKeys(future(queries, keys, like).unsqueeze(0), null) : null;
        }
        Tensor hidden = mask.unsqueeze(1); // [batch, 1, keys]
        if (causal) {
            hidden = hidden.logical_or(future(queries, keys, like)); // [batch, queries, keys]
        }
        Tensor blind = hidden.all(-1, /* keepdim= */ true); // [batch, queries or 1, 1]
        // Reading the answer costs nothing in main memory and saves two passes; on a device it would stall.
        if (blind.is_cpu() && !blind.any().item_bool()) {
            return new HiddenKeys(hidden, null);
        }
        return new HiddenKeys(hidden.logical_and(blind.logical_not()), blind);
    }

    /** Sets the rows of blind queries to zero; the last three dimensions are [batch, queries, any]. */
    Tensor zeroBlind(Tensor rows) {
        return blind == null ? rows : rows.masked_fill(blind, new Scalar(0));
    }

    private static Tensor future(long queries, long keys, Tensor like) {
        Tensor ones = Device.beside(Tensors.full(1, DType.BOOL, queries, keys), like);
        return torch.triu(ones, 1); // [queries, keys]
    }
}
