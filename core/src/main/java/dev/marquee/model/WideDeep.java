package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import org.bytedeco.pytorch.Tensor;

/**
 * Wide and deep: the logits of a logistic regression and of a perceptron on the embeddings, added.
 *
 * <pre>{@code logit = w_wide x + W_output MLP([e_1, …, e_n, x]) + b}</pre>
 *
 * <p>The paper's wide part reads products of chosen columns, too: make such a column in the data and declare it as a
 * categorical feature. With members the perceptron is an {@link dev.marquee.nn.EnsemblePerceptron}, and the wide part is
 * each member's.
 *
 * <p>Parameters: those of {@link LogisticRegression} and {@link Fields}, {@code deep.fc1.…}, {@code output.weight}, {@code
 * output.bias}. Source: Cheng et al., <em>Wide &amp; Deep Learning for Recommender Systems</em>, 2016, equation 3.
 */
public final class WideDeep implements Model {
    private final SparseArch sparse;
    private final LogisticRegression.Wide wide;
    private final RowInput input;
    private final DeepPart deep;
    private final Logits output;

    WideDeep(Parameters.Path path, FeatureLayout layout, WideDeepConfig config) {
        Needs.features(layout, "wide_deep");
        this.sparse = new SparseArch(layout);
        this.wide = new LogisticRegression.Wide(path, layout, sparse);
        this.input = new RowInput(path, layout, sparse, config.embedding(), config.dense());
        this.deep = DeepPart.create(path.child("deep"), input.size(), config.perceptron(), config.members());
        this.output = Logits.beside(path.child("output"), deep.outputs(), layout, config.members());
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        SparseArch.Lookup lookup = sparse.look(batch, mode);
        Tensor x = input.forward(batch, lookup, mode); // [batch, inputs]
        Tensor logits = output.forward(deep.forward(x, mode)); // [batch, labels] or [batch, members, labels]
        return Logits.ofMembers(Logits.add(logits, wide.forward(batch, lookup)), mode);
    }
}
