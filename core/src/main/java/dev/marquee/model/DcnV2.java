package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.CrossNetwork;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * DCN-V2: a {@link CrossNetwork} makes products of the inputs, a perceptron the rest.
 *
 * <pre>{@code
 * x_0 = [e_1, …, e_n, x]
 * stacked    logit = W_output MLP(cross(x_0)) + b
 * parallel   logit = W_output [cross(x_0), MLP(x_0)] + b
 * }</pre>
 *
 * <p>With members the perceptron is an {@link dev.marquee.nn.EnsemblePerceptron}; the members share the cross network.
 *
 * <p>Parameters: those of {@link Fields} and {@link CrossNetwork}, {@code deep.fc1.…}, {@code output.weight}, {@code
 * output.bias}. Source: Wang et al., <em>DCN V2: Improved Deep &amp; Cross Network and Practical Lessons for Web-scale
 * Learning to Rank Systems</em>, 2021.
 */
public final class DcnV2 implements Model {
    private final boolean parallel;
    private final SparseArch sparse;
    private final RowInput input;
    private final CrossNetwork cross;
    private final DeepPart deep;
    private final Logits output;

    DcnV2(Parameters.Path path, FeatureLayout layout, DcnV2Config config) {
        Needs.features(layout, "dcn_v2");
        this.parallel = config.structure() == DcnV2Config.Structure.PARALLEL;
        this.sparse = new SparseArch(layout);
        this.input = new RowInput(path, layout, sparse, config.embedding(), config.dense());
        OptionalInt rank = config.rank().map(OptionalInt::of).orElseGet(OptionalInt::empty);
        this.cross = CrossNetwork.create(
                path, new CrossNetwork.Config(input.size(), config.layers(), rank, config.experts()));
        this.deep = DeepPart.create(path.child("deep"), input.size(), config.perceptron(), config.members());
        int last = deep.outputs() + (parallel ? input.size() : 0);
        this.output = Logits.create(path.child("output"), last, layout, config.members());
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        Tensor x0 = input.forward(batch, sparse.look(batch, mode), mode); // [batch, inputs]
        Tensor crossed = cross.forward(x0); // [batch, inputs]
        Tensor last = parallel ? beside(crossed, deep.forward(x0, mode)) : deep.forward(crossed, mode);
        return Logits.ofMembers(output.forward(last), mode);
    }

    private static Tensor beside(Tensor crossed, Tensor deep) {
        Tensor each = deep.dim() == 2
                ? crossed
                : crossed.unsqueeze(1).expand(crossed.size(0), deep.size(1), crossed.size(1)); // each member's
        return torch.cat(new TensorVector(each, deep), -1);
    }
}
