package dev.marquee.nn;

import dev.marquee.profile.Tally;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Attention by operators that the engine's graph records: for every device, type and choice of precisions. */
record RecordedAttention(AttentionMaps maps, Dropout dropout, boolean causal) {

    /**
     * Output and scores, but for the output projection.
     *
     * @param query {@code [batch, queries, query_dim]}
     * @param key {@code [batch, keys, key_dim]}
     * @param value {@code [batch, keys, value_dim]}
     * @param mask {@code [batch, keys]}, true = hidden; null hides none
     */
    MultiHeadAttention.Attention forward(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask, Mode mode) {
        HiddenKeys hidden = HiddenKeys.of(mask, causal, query.size(1), key.size(1), query);
        Tensor scaled = maps.query().forward(query).mul(new Scalar(maps.scale())); // [batch, queries, units]
        if (oneQuery().suits(query)) {
            return oneQuery().forward(scaled, key, value, hidden, mode);
        }
        Tensor queries = headsFirst(scaled); // [heads, batch, queries, size]
        Tensor keys = headsFirst(maps.key().forward(key)); // [heads, batch, keys, size]
        Tensor values = headsFirst(maps.value().forward(value)); // [heads, batch, keys, size]
        Tally.product(queries, keys, keys.size(2));
        Tensor products = torch.matmul(queries, keys.transpose(2, 3)); // [heads, batch, queries, keys]
        if (hidden != null) {
            // In place: backward needs the factors of the product, not the product.
            products.masked_fill_(hidden.filled(), new Scalar(Double.NEGATIVE_INFINITY));
        }
        Tensor scores = torch.softmax(products, 3);
        if (hidden != null) {
            scores = hidden.zeroBlind(scores);
        }
        Tally.product(scores, values, values.size(3));
        Tensor heads = torch.matmul(dropout.forward(scores, mode), values); // [heads, batch, queries, size]
        return new MultiHeadAttention.Attention(joined(heads.permute(1, 2, 0, 3)), scores);
    }

    /** The output alone, by the engine's fused kernel, which never holds the scores in memory. */
    Tensor fused(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask, Mode mode) {
        // The operator's own dropout draws from the device's generator, which nobody could set back.
        boolean draws = mode.training() && dropout.probability() > 0 && !query.is_cpu();
        if (oneQuery().suits(query) || draws) {
            return forward(query, key, value, mask, mode).output();
        }
        HiddenKeys hidden = mask == null ? null : HiddenKeys.of(mask, causal, query.size(1), key.size(1), query);
        Tally.product(4.0 * query.size(0) * query.size(1) * key.size(1) * maps.units(), 2);
        Tensor heads = torch.scaled_dot_product_attention(
                batchFirst(maps.query().forward(query)), // [batch, heads, queries, size]
                batchFirst(maps.key().forward(key)), // [batch, heads, keys, size]
                batchFirst(maps.value().forward(value)), // [batch, heads, keys, size]
                hidden == null ? new TensorOptional() : new TensorOptional(visible(hidden)),
                mode.training() ? dropout.probability() : 0,
                /* is_causal= */ hidden == null && causal,
                new DoubleOptional(maps.scale()),
                /* enable_gqa= */ false);
        Tensor rows = heads.transpose(1, 2); // [batch, queries, heads, size]
        if (hidden != null && hidden.blind() != null) {
            rows = rows.masked_fill(hidden.blind().unsqueeze(-1), new Scalar(0));
        }
        return joined(rows);
    }

    private OneQuery oneQuery() {
        return new OneQuery(maps.heads(), maps.size(), maps.key(), maps.value(), dropout);
    }

    private static Tensor visible(HiddenKeys hidden) {
        return hidden.filled().logical_not().unsqueeze(1); // [batch, 1, queries or 1, keys]
    }

    private Tensor split(Tensor units) {
        return units.view(units.size(0), units.size(1), maps.heads(), maps.size());
    }

    private Tensor headsFirst(Tensor units) {
        return split(units).permute(2, 0, 1, 3);
    }

    private Tensor batchFirst(Tensor units) {
        return split(units).transpose(1, 2);
    }

    private Tensor joined(Tensor heads) {
        return heads.reshape(heads.size(0), heads.size(1), maps.units()); // [batch, queries, units]
    }
}
