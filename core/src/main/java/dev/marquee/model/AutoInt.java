package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.HiddenLayers;
import dev.marquee.nn.Linear;
import dev.marquee.nn.Mode;
import dev.marquee.nn.MultiHeadAttention;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * AutoInt: every field attends to all fields, in several layers; each adds a linear map of what it was given.
 *
 * <pre>{@code
 * α_mk = softmax over k of <W_query e_m, W_key e_k>     in each head
 * ẽ_m  = [Σ_k α_mk W_value e_k of each head]
 * e_m' = ReLU(ẽ_m + W_residual e_m)
 * logit = W_output [e_1', …, e_n'] + b                  after the last layer
 * }</pre>
 *
 * <p>As in the paper the products are not divided by a root. The fields are those of {@link Fm}. With hidden layers it is
 * AutoInt+: a perceptron on the embeddings adds its logits.
 *
 * <p>Parameters: those of {@link Fields}, {@code layer1.attention.W_query.weight} and so on, {@code
 * layer1.residual.weight [units, width]}, …, {@code output.weight}, {@code output.bias}; and {@code deep.fc1.…}, {@code
 * deep_output.weight}, {@code deep_output.bias}. Source: Song et al., <em>AutoInt: Automatic Feature Interaction Learning via
 * Self-Attentive Neural Networks</em>, 2019, equations 5 to 10.
 */
public final class AutoInt implements Model {
    private final SparseArch sparse;
    private final Fields fields;
    private final List<Layer> layers = new ArrayList<>();
    private final Logits output;
    private final @Nullable Deep deep;

    AutoInt(Parameters.Path path, FeatureLayout layout, AutoIntConfig config) {
        Needs.features(layout, "autoint");
        this.sparse = new SparseArch(layout);
        this.fields = new Fields(path, layout, sparse, config.embedding(), /* withNumbers= */ true);
        int width = config.embedding().size();
        for (int i = 1; i <= config.layers(); i++) {
            layers.add(Layer.create(path.child("layer" + i), i == 1 ? width : config.units(), config));
        }
        this.output = Logits.create(path.child("output"), fields.count() * config.units(), layout, 1);
        this.deep = config.hidden().isEmpty() ? null : Deep.create(path, fields.count() * width, layout, config);
    }

    /** Attention and what it is added to. */
    private record Layer(MultiHeadAttention attention, Linear residual) {
        static Layer create(Parameters.Path path, int inputs, AutoIntConfig config) {
            return new Layer(
                    MultiHeadAttention.create(
                            path.child("attention"),
                            MultiHeadAttention.Config.of(inputs, inputs, config.units(), config.heads())
                                    .scaling(MultiHeadAttention.Scaling.NONE)
                                    .dropout(config.dropout())),
                    Linear.create(path.child("residual"), inputs, config.units(), /* withBias= */ false));
        }

        /** From {@code [batch, fields, inputs]} to {@code [batch, fields, units]}. */
        Tensor forward(Tensor e, Mode mode) {
            return torch.relu(attention.output(e, e, null, mode).add(residual.forward(e)));
        }
    }

    /** The perceptron of AutoInt+. */
    private record Deep(HiddenLayers layers, Logits output) {
        static Deep create(Parameters.Path path, int inputs, FeatureLayout layout, AutoIntConfig config) {
            HiddenLayers layers = HiddenLayers.create(path.child("deep"), inputs, config.perceptron());
            return new Deep(layers, Logits.beside(path.child("deep_output"), layers.outputs(), layout, 1));
        }

        Tensor forward(Tensor embeddings, Mode mode) {
            return output.forward(layers.forward(embeddings.flatten(1, 2), mode));
        }
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        Tensor embeddings = fields.forward(batch, sparse.look(batch, mode), mode); // [batch, fields, width]
        Tensor e = embeddings;
        for (Layer layer : layers) {
            e = layer.forward(e, mode); // [batch, fields, units]
        }
        Tensor logits = output.forward(e.flatten(1, 2)); // [batch, labels]
        return deep == null ? logits : logits.add(deep.forward(embeddings, mode));
    }
}
