package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.FactorizationMachine;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import org.bytedeco.pytorch.Tensor;

/**
 * A factorisation machine:
 *
 * <pre>{@code logit = w_0 + Σ_i w_i x_i + Σ_{i<j} <v_i, v_j> x_i x_j}</pre>
 *
 * <p>Each categorical feature, each bag, each sequence and each number is a field. A bag's or a sequence's embedding is
 * pooled, a number's is linear in its encoded values; the values of one field are not crossed with each other. Parameters:
 * those of {@link LogisticRegression} and {@link Fields}. Source: Rendle, <em>Factorization Machines</em>, 2010.
 */
public final class Fm implements Model {
    private final SparseArch sparse;
    private final LogisticRegression.Wide linear;
    private final Fields fields;

    Fm(Parameters.Path path, FeatureLayout layout, FmConfig config) {
        Needs.features(layout, "fm");
        Needs.oneLabel(layout, "fm");
        this.sparse = new SparseArch(layout);
        this.linear = new LogisticRegression.Wide(path, layout, sparse);
        this.fields = new Fields(path, layout, sparse, config.embedding(), /* withNumbers= */ true);
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        SparseArch.Lookup lookup = sparse.look(batch, mode);
        Tensor embeddings = fields.forward(batch, lookup, mode); // [batch, fields, width]
        return linear.forward(batch, lookup).add(FactorizationMachine.pairs(embeddings)); // [batch, 1]
    }
}
