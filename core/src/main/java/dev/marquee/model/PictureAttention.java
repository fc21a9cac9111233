package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.Activation;
import dev.marquee.nn.Dropout;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.LayerNorm;
import dev.marquee.nn.Linear;
import dev.marquee.nn.Mode;
import dev.marquee.nn.MultiHeadAttention;
import dev.marquee.nn.MultilayerPerceptron;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.Recomputed;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Reads a picture as a sequence: every row of pixels is a token. A linear map and a learned position make it a vector;
 * blocks of {@link MultiHeadAttention} and a perceptron, each on normalised input and added to what it was given, relate
 * the rows; their mean, or all of them side by side, goes through a perceptron to the classes.
 */
public final class PictureAttention implements Model {
    private final PictureAttentionConfig config;
    private final Linear embedding;
    private final Tensor positions;
    private final List<Block> blocks;
    private final LayerNorm norm;
    private final MultilayerPerceptron classifier;

    private PictureAttention(Parameters.Path path, PictureAttentionConfig config) {
        this.config = config;
        this.embedding = Linear.create(path.child("embedding"), config.columns(), config.units(), true);
        this.positions = path.parameter("positions", Initializer.normal(0.02), config.rows(), config.units());
        this.blocks = new ArrayList<>();
        for (int i = 1; i <= config.blocks(); i++) {
            blocks.add(Block.create(path.child("block" + i), config));
        }
        this.norm = LayerNorm.create(path.child("norm"), config.units());
        this.classifier = MultilayerPerceptron.create(
                path.child("classifier"), perceptron(config, config.pooledSize(), config.hidden(), config.classes()));
    }

    /** Attention and a perceptron, each with its norm in front. */
    private record Block(
            LayerNorm attentionNorm,
            MultiHeadAttention attention,
            LayerNorm perceptronNorm,
            MultilayerPerceptron perceptron,
            Dropout dropout) {
        static Block create(Parameters.Path path, PictureAttentionConfig config) {
            int units = config.units();
            return new Block(
                    LayerNorm.create(path.child("attention_norm"), units),
                    MultiHeadAttention.create(
                            path.child("attention"),
                            MultiHeadAttention.Config.of(units, units, units, config.heads())
                                    .scaling(MultiHeadAttention.Scaling.HEAD_SIZE)
                                    .bias(true)
                                    .outputProjection(true)),
                    LayerNorm.create(path.child("perceptron_norm"), units),
                    MultilayerPerceptron.create(
                            path.child("perceptron"),
                            PictureAttention.perceptron(config, units, config.feedForward(), units)),
                    new Dropout(config.dropout()));
        }

        Tensor forward(Tensor tokens, Mode mode) {
            return Recomputed.forward(List.of(tokens), mode, inputs -> block(inputs.get(0), mode));
        }

        private Tensor block(Tensor tokens, Mode mode) {
            Tensor x = attentionNorm.forward(tokens);
            Tensor attended = tokens.add(dropout.forward(attention.output(x, x, null, mode), mode));
            Tensor y = perceptron.forward(perceptronNorm.forward(attended), mode);
            return attended.add(dropout.forward(y, mode));
        }
    }

    /**
     * Builds the network with new parameters.
     *
     * @param path where its parameters live
     * @param config what it consists of
     * @return the network
     */
    public static PictureAttention create(Parameters.Path path, PictureAttentionConfig config) {
        return new PictureAttention(path, config);
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        return forward(batch.input(Batch.PICTURE), mode);
    }

    /**
     * Computes the outputs of pictures.
     *
     * @param pictures {@code [batch, rows, columns]} or {@code [batch, rows · columns]}
     * @param mode whether this is training
     * @return logits or probabilities, {@code [batch, classes]}
     * @throws IllegalArgumentException when a picture has another number of pixels
     */
    public Tensor forward(Tensor pictures, Mode mode) {
        long pixels = (long) config.rows() * config.columns();
        if (pictures.dim() < 2 || pictures.numel() != pictures.size(0) * pixels) {
            throw new IllegalArgumentException("the pictures must be [batch, " + config.rows() + ", " + config.columns()
                    + "], not " + Tensors.describe(pictures));
        }
        Tensor rows = pictures.reshape(pictures.size(0), config.rows(), config.columns());
        Tensor tokens = embedding.forward(rows).add(positions); // [batch, rows, units]
        for (Block block : blocks) {
            tokens = block.forward(tokens, mode);
        }
        Tensor pooled = config.pooling().apply(norm.forward(tokens)); // [batch, units or rows * units]
        return config.head().apply(classifier.forward(pooled, mode));
    }

    private static MultilayerPerceptron.Config perceptron(
            PictureAttentionConfig config, int inputs, int hidden, int outputs) {
        return new MultilayerPerceptron.Config(
                List.of(inputs, hidden, outputs), Activation.GELU, config.dropout(), Norm.NONE);
    }
}
