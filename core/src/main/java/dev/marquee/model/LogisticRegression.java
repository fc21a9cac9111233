package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Logistic regression; for each label
 *
 * <pre>{@code logit = b + Σ over numbers w_j x_j + Σ over fields w[id] + Σ over bags and sequences pooled w[id]}</pre>
 *
 * <p>All weights start at zero, the bias at the logit of the label's base rate. Parameters: {@code linear.TABLE
 * [rows, labels]}, {@code dense.weight [labels, dense size]}, {@code bias [labels]}.
 */
public final class LogisticRegression implements Model {
    private final SparseArch sparse;
    private final Wide wide;

    LogisticRegression(Parameters.Path path, FeatureLayout layout) {
        Needs.features(layout, "logistic_regression");
        this.sparse = new SparseArch(layout);
        this.wide = new Wide(path, layout, sparse);
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        return wide.forward(batch, sparse.look(batch, mode));
    }

    /** The linear part, on its own or beside others. */
    static final class Wide {
        private final FeatureLayout layout;
        private final @Nullable EmbeddingTable table;
        private final @Nullable Tensor dense;
        private final Tensor bias;

        Wide(Parameters.Path path, FeatureLayout layout, SparseArch sparse) {
            int labels = layout.labels().size();
            this.layout = layout;
            this.table = sparse.isEmpty() ? null : sparse.tables(path.child("linear"), labels, Initializer.constant(0));
            this.dense = layout.denseSize() == 0
                    ? null
                    : path.child("dense").parameter("weight", Initializer.constant(0), labels, layout.denseSize());
            this.bias = path.parameter("bias", BaseRates.logits(layout), labels);
        }

        /** {@code [batch, labels]}. */
        Tensor forward(Batch batch, SparseArch.Lookup lookup) {
            Tensor logits = bias.expand(batch.size(), layout.labels().size());
            if (table != null) {
                logits = logits.add(lookup.all(table).sum(1)); // [batch, labels]
            }
            return dense == null ? logits : logits.add(torch.linear(Numbers.of(batch, DType.of(dense)), dense));
        }
    }
}
