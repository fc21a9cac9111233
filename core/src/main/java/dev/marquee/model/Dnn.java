package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import org.bytedeco.pytorch.Tensor;

/**
 * A perceptron on the embeddings, side by side with the numbers:
 *
 * <pre>{@code logit = W_output MLP([e_1, …, e_n, x]) + b}</pre>
 *
 * <p>With members it is the TabM of Gorishniy, Kotelnikov, Babenko, 2024: {@link dev.marquee.nn.EnsemblePerceptron}; in
 * training it returns {@code [batch, members, labels]}, otherwise the logit of the members' mean probability.
 *
 * <p>Parameters: those of {@link Fields}, {@code deep.fc1.…}, {@code output.weight}, {@code output.bias}. Source: the deep
 * part of Covington, Adams, Sargin, <em>Deep Neural Networks for YouTube Recommendations</em>, 2016.
 */
public final class Dnn implements Model {
    private final SparseArch sparse;
    private final RowInput input;
    private final DeepPart deep;
    private final Logits output;

    Dnn(Parameters.Path path, FeatureLayout layout, DnnConfig config) {
        Needs.features(layout, "dnn");
        this.sparse = new SparseArch(layout);
        this.input = new RowInput(path, layout, sparse, config.embedding(), config.dense());
        this.deep = DeepPart.create(path.child("deep"), input.size(), config.perceptron(), config.members());
        this.output = Logits.create(path.child("output"), deep.outputs(), layout, config.members());
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        Tensor x = input.forward(batch, sparse.look(batch, mode), mode); // [batch, inputs]
        Tensor logits = output.forward(deep.forward(x, mode)); // [batch, labels] or [batch, members, labels]
        return Logits.ofMembers(logits, mode);
    }
}
