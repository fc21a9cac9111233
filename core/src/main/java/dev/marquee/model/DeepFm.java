package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.FactorizationMachine;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import org.bytedeco.pytorch.Tensor;

/**
 * DeepFM: the logits of a factorisation machine and of a perceptron, added; both read the same embeddings.
 *
 * <pre>{@code logit = b + Σ_i w_i x_i + Σ_{i<j} <e_i, e_j> + W_output MLP([e_1, …, e_n]),   e_i = x_i v_i}</pre>
 *
 * <p>The fields are those of {@link Fm}. With members the perceptron is an {@link dev.marquee.nn.EnsemblePerceptron}, and
 * the factorisation machine is each member's.
 *
 * <p>Parameters: those of {@link Fm}, {@code deep.fc1.…}, {@code output.weight}, {@code output.bias}. Source: Guo et al.,
 * <em>DeepFM: A Factorization-Machine based Neural Network for CTR Prediction</em>, 2017, equations 1 to 4.
 */
public final class DeepFm implements Model {
    private final SparseArch sparse;
    private final LogisticRegression.Wide linear;
    private final Fields fields;
    private final DeepPart deep;
    private final Logits output;

    DeepFm(Parameters.Path path, FeatureLayout layout, DeepFmConfig config) {
        Needs.features(layout, "deepfm");
        Needs.oneLabel(layout, "deepfm");
        this.sparse = new SparseArch(layout);
        this.linear = new LogisticRegression.Wide(path, layout, sparse);
        this.fields = new Fields(path, layout, sparse, config.embedding(), /* withNumbers= */ true);
        int inputs = fields.count() * config.embedding().size();
        this.deep = DeepPart.create(path.child("deep"), inputs, config.perceptron(), config.members());
        this.output = Logits.beside(path.child("output"), deep.outputs(), layout, config.members());
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        SparseArch.Lookup lookup = sparse.look(batch, mode);
        Tensor embeddings = fields.forward(batch, lookup, mode); // [batch, fields, width]
        Tensor machine = linear.forward(batch, lookup).add(FactorizationMachine.pairs(embeddings)); // [batch, 1]
        Tensor logits =
                output.forward(deep.forward(embeddings.flatten(1, 2), mode)); // [batch, 1] or [batch, members, 1]
        return Logits.ofMembers(Logits.add(logits, machine), mode);
    }
}
