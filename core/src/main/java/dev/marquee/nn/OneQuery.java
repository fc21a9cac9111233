package dev.marquee.nn;

import dev.marquee.profile.Tally;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Attention of a single query, such as a candidate that looks at a user's history, without projecting the keys. The
 * products are the same numbers in another order:
 *
 * <pre>
 *     q_h · (W_key,h x_t + b_key,h) = (W_key,hᵀ q_h) · x_t + q_h · b_key,h
 *     Σ_t s_t (W_value,h x_t + b_value,h) = W_value,h (Σ_t s_t x_t) + (Σ_t s_t) b_value,h
 * </pre>
 *
 * <p>Per sample, key and input value that takes 2 · heads multiplications in place of 2 · units. Equal to the general
 * path but for rounding, in values and gradients.
 */
record OneQuery(int heads, int headSize, Linear keyMap, Linear valueMap, Dropout dropout) {
    /** With heads of less than this size there is nothing to gain. */
    private static final int SMALLEST_HEAD = 4;

    /** Whether this way is the faster one. */
    boolean suits(Tensor query) {
        return query.size(1) == 1 && headSize >= SMALLEST_HEAD;
    }

    /**
     * What the general path computes, but for the output projection.
     *
     * @param queries the scaled projection of the query, {@code [batch, 1, units]}
     * @param key {@code [batch, keys, key_dim]}
     * @param value {@code [batch, keys, value_dim]}
     */
    MultiHeadAttention.Attention forward(
            Tensor queries, Tensor key, Tensor value, @Nullable HiddenKeys hidden, Mode mode) {
        long batch = key.size(0);
        Tensor asking = swapped(queries.view(batch, heads, headSize)); // [heads, batch, size]
        Tensor inKeySpace = torch.bmm(asking, perHead(keyMap)); // [heads, batch, key_dim]
        Tensor products = torch.bmm(swapped(inKeySpace), key.transpose(1, 2)); // [batch, heads, keys]
        Tensor keyBias = keyMap.bias();
        if (keyBias != null) {
            // The same for all keys, so softmax takes it out again; it gives the bias its gradient, of zero.
            products =
                    products.add(swapped(torch.bmm(asking, keyBias.view(heads, headSize, 1)))); // [batch, heads, keys]
        }
        if (hidden != null) {
            products.masked_fill_(hidden.filled(), new Scalar(Double.NEGATIVE_INFINITY));
        }
        Tensor scores = torch.softmax(products, 2);
        if (hidden != null) {
            scores = hidden.zeroBlind(scores);
        }
        Tensor kept = dropout.forward(scores, mode);
        Tensor means = swapped(torch.bmm(kept, value)); // [heads, batch, value_dim]
        Tensor output = torch.bmm(means, perHead(valueMap).transpose(1, 2)); // [heads, batch, size]
        Tensor valueBias = valueMap.bias();
        if (valueBias != null) {
            Tensor sums = swapped(kept.sum(new long[] {2}, true, new ScalarTypeOptional())); // [heads, batch, 1]
            output = output.add(sums.mul(valueBias.view(heads, 1, headSize)));
        }
        Tally.product(asking, keyMap.weight(), key.size(2));
        Tally.product(inKeySpace, key, key.size(1));
        Tally.product(kept, value, value.size(2));
        Tally.product(means, valueMap.weight(), headSize);
        return new MultiHeadAttention.Attention(
                swapped(output).reshape(batch, 1, (long) heads * headSize),
                swapped(scores).unsqueeze(2)); // [heads, batch, 1, keys]
    }

    /** The weight's rows of each head, {@code [heads, size, inputs]}. */
    private Tensor perHead(Linear map) {
        return map.weight().view(heads, headSize, map.weight().size(1));
    }

    /** From [batch, heads, any] to [heads, batch, any], and back. */
    private static Tensor swapped(Tensor tensor) {
        return tensor.transpose(0, 1);
    }
}
