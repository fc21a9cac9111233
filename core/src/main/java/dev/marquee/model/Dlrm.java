package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.HiddenLayers;
import dev.marquee.nn.Mode;
import dev.marquee.nn.MultilayerPerceptron;
import dev.marquee.nn.Parameters;
import dev.marquee.profile.Tally;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * DLRM: a perceptron makes an embedding of the numbers; the dot products of all pairs of embeddings stand beside it.
 *
 * <pre>{@code
 * e_0 = bottom(x)
 * logit = W_output top([e_0, <e_0, e_1>, <e_0, e_2>, <e_1, e_2>, …]) + b
 * }</pre>
 *
 * <p>As in the paper's equation 2, no activation follows the last linear map of the bottom perceptron. Without numbers there
 * is no {@code e_0}. Parameters: {@code embedding.TABLE}, {@code bottom.fc1.…}, {@code top.fc1.…}, {@code output.weight},
 * {@code output.bias}. Source: Naumov et al., <em>Deep Learning Recommendation Model for Personalization and Recommendation
 * Systems</em>, 2019.
 */
public final class Dlrm implements Model {
    private final SparseArch sparse;
    private final Fields fields;
    private final @Nullable MultilayerPerceptron bottom;
    private final long[] pairs;
    private final HiddenLayers top;
    private final Logits output;

    Dlrm(Parameters.Path path, FeatureLayout layout, DlrmConfig config) {
        Needs.ids(layout, "dlrm");
        int width = config.embedding().size();
        this.sparse = new SparseArch(layout);
        this.fields = new Fields(path, layout, sparse, config.embedding(), /* withNumbers= */ false);
        boolean numbers = layout.denseSize() > 0;
        this.bottom = numbers ? bottom(path.child("bottom"), layout.denseSize(), config) : null;
        int embeddings = fields.count() + (numbers ? 1 : 0);
        if (embeddings < 2) {
            throw new IllegalArgumentException(
                    "dlrm crosses pairs of embeddings, and the schema has only one feature of"
                            + " ids and no numbers: choose logistic_regression or dnn");
        }
        this.pairs = IntStream.range(0, embeddings * embeddings)
                .filter(i -> i % embeddings < i / embeddings)
                .asLongStream()
                .toArray();
        int inputs = pairs.length + (numbers ? width : 0);
        this.top = HiddenLayers.create(path.child("top"), inputs, config.perceptron(config.top()));
        this.output = Logits.create(path.child("output"), top.outputs(), layout, 1);
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        Tensor embeddings = fields.forward(batch, sparse.look(batch, mode), mode); // [batch, fields, width]
        if (bottom == null) {
            return output.forward(top.forward(products(embeddings), mode));
        }
        Tensor numbers = bottom.forward(Numbers.of(batch, DType.of(embeddings)), mode); // [batch, width]
        Tensor all = torch.cat(new TensorVector(numbers.unsqueeze(1), embeddings), 1); // [batch, 1 + fields, width]
        return output.forward(top.forward(torch.cat(new TensorVector(numbers, products(all)), 1), mode));
    }

    /** The products of each pair, each once: {@code [batch, n (n - 1) / 2]}. */
    private Tensor products(Tensor embeddings) {
        Tally.product(embeddings, embeddings, embeddings.size(1));
        Tensor all = torch.bmm(embeddings, embeddings.transpose(1, 2)); // [batch, n, n]
        return all.flatten(1, 2).index_select(1, Device.beside(Tensors.of(pairs), all));
    }

    private static MultilayerPerceptron bottom(Parameters.Path path, int inputs, DlrmConfig config) {
        List<Integer> sizes = new ArrayList<>(List.of(inputs));
        sizes.addAll(config.bottom());
        sizes.add(config.embedding().size());
        return MultilayerPerceptron.create(
                path, new MultilayerPerceptron.Config(sizes, config.activation(), config.dropout(), config.norm()));
    }
}
