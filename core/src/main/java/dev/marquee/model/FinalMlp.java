package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.HiddenLayers;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Linear;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.profile.Tally;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * FinalMLP: two streams, each a perceptron on the input weighted by a gate of its own, fused by a bilinear form in several
 * heads.
 *
 * <pre>{@code
 * h_s = 2σ(gate_s(c_s)) ⊙ x                       for each stream s = 1, 2
 * o_s = MLP_s(h_s)
 * logit = b + w_1 o_1 + w_2 o_2 + Σ_j o_1jᵀ W_j o_2j     o_1j: the j-th part of o_1
 * }</pre>
 *
 * <p>A gate's condition {@code c_s} is the values of the features named, or, where none is, a learnt vector of an embedding's
 * size; no dropout or norm is in a gate. Several labels have a {@code b}, {@code w} and {@code W} each.
 *
 * <p>Parameters: those of {@link Fields}; for {@code first} and {@code second}: {@code first.gate.condition [width]}, {@code
 * first.gate.fc1.…}, {@code first.gate.output.weight}, {@code first.gate.output.bias}, {@code first.fc1.…}; {@code
 * fusion.weight [heads, first / heads, labels, second / heads]}, {@code output.weight [labels, first + second]}, {@code
 * output.bias}. Source: Mao et al., <em>FinalMLP: An Enhanced Two-Stream MLP Model for CTR Prediction</em>, 2023, equations
 * 3 to 9.
 */
public final class FinalMlp implements Model {
    private final SparseArch sparse;
    private final RowInput input;
    private final Stream first;
    private final Stream second;
    private final Logits output;
    private final Tensor fusion;

    FinalMlp(Parameters.Path path, FeatureLayout layout, FinalMlpConfig config) {
        Needs.features(layout, "final_mlp");
        this.sparse = new SparseArch(layout);
        this.input = new RowInput(path, layout, sparse, config.embedding(), config.dense());
        this.first = Stream.create(path.child("first"), input, config.first(), config.firstGate(), config);
        this.second = Stream.create(path.child("second"), input, config.second(), config.secondGate(), config);
        int heads = config.heads();
        int rows = first.layers().outputs() / heads;
        int columns = second.layers().outputs() / heads;
        this.fusion = path.child("fusion")
                .parameter(
                        "weight",
                        Initializer.linear((long) heads * rows * columns),
                        heads,
                        rows,
                        layout.labels().size(),
                        columns);
        this.output = Logits.create(path.child("output"), heads * (rows + columns), layout, 1);
    }

    /** A perceptron and the gate on its input. */
    private record Stream(@Nullable Gate gate, HiddenLayers layers) {
        static Stream create(
                Parameters.Path path,
                RowInput input,
                List<Integer> sizes,
                List<String> features,
                FinalMlpConfig config) {
            return new Stream(
                    config.gating() ? Gate.create(path.child("gate"), input, features, config) : null,
                    HiddenLayers.create(path, input.size(), config.perceptron(sizes)));
        }

        /** {@code [batch, outputs]}. */
        Tensor forward(Tensor x, Mode mode) {
            return layers.forward(gate == null ? x : x.mul(gate.forward(x, mode)), mode);
        }
    }

    /**
     * What weighs each value of the input.
     *
     * @param columns the values of the input that it reads
     * @param learnt what it reads where it reads none
     */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    private record Gate(long[] columns, @Nullable Tensor learnt, HiddenLayers layers, Linear output) {
        static Gate create(Parameters.Path path, RowInput input, List<String> features, FinalMlpConfig config) {
            long[] columns = features.stream()
                    .flatMapToInt(feature ->
                            input.slice(feature, "a gate of final_mlp reads").columns())
                    .asLongStream()
                    .toArray();
            int width = config.embedding().size();
            Tensor learnt = columns.length > 0
                    ? null
                    : path.parameter(
                            "condition", Initializer.normal(config.embedding().deviation()), width);
            HiddenLayers layers =
                    HiddenLayers.create(path, learnt == null ? columns.length : width, config.gateLayers());
            return new Gate(
                    columns,
                    learnt,
                    layers,
                    Linear.create(path.child("output"), layers.outputs(), input.size(), /* withBias= */ true));
        }

        /** {@code [batch, inputs]}, or {@code [1, inputs]} where the condition is the same for all rows. */
        Tensor forward(Tensor x, Mode mode) {
            Tensor condition =
                    learnt == null ? x.index_select(1, Device.beside(Tensors.of(columns), x)) : learnt.unsqueeze(0);
            Tensor weights = torch.sigmoid(output.forward(layers.forward(condition, mode)));
            return weights.mul(new Scalar(2));
        }
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        Tensor x = input.forward(batch, sparse.look(batch, mode), mode); // [batch, inputs]
        Tensor one = first.forward(x, mode); // [batch, first]
        Tensor two = second.forward(x, mode); // [batch, second]
        return output.forward(torch.cat(new TensorVector(one, two), 1)).add(products(one, two));
    }

    /** {@code Σ_j o_1jᵀ W_j o_2j}: {@code [batch, labels]}. */
    private Tensor products(Tensor one, Tensor two) {
        long batch = one.size(0);
        long heads = fusion.size(0);
        Tensor rows = one.view(batch, heads, -1).transpose(0, 1); // [heads, batch, first / heads]
        Tally.product(rows, fusion, fusion.size(2) * fusion.size(3));
        Tensor mapped = torch.bmm(rows, fusion.flatten(2, 3)); // [heads, batch, labels * second / heads]
        Tensor columns = two.view(batch, heads, 1, -1).transpose(0, 1); // [heads, batch, 1, second / heads]
        return mapped.view(heads, batch, fusion.size(2), fusion.size(3))
                .mul(columns)
                .sum(0, 3);
    }
}
