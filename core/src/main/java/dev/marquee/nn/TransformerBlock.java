package dev.marquee.nn;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A block of a transformer, with its norms behind the sums:
 *
 * <pre>{@code
 * S' = norm(S + dropout(attention(S)))
 * F  = norm(S' + dropout(f(S' W₁ + b₁) W₂ + b₂))
 * }</pre>
 *
 * <p>The attention is {@link MultiHeadAttention} without biases, its products divided by the square root of a head's
 * size, with a linear map behind the heads. Parameters: {@code attention}, {@code attention_norm}, {@code inner},
 * {@code outer}, {@code norm}. Source: Vaswani et al., <em>Attention Is All You Need</em>, 2017; with a leaky ReLU for
 * f, Chen et al., <em>Behavior Sequence Transformer</em>, 2019.
 */
public final class TransformerBlock {
    private final Activation activation;
    private final Dropout dropout;
    private final MultiHeadAttention attention;
    private final LayerNorm attentionNorm;
    private final Linear inner;
    private final Linear outer;
    private final LayerNorm norm;

    private TransformerBlock(Parameters.Path path, Config config) {
        int width = config.width();
        this.activation = config.activation();
        this.dropout = new Dropout(config.dropout());
        this.attention = MultiHeadAttention.create(
                path.child("attention"),
                MultiHeadAttention.Config.of(width, width, width, config.heads())
                        .scaling(MultiHeadAttention.Scaling.HEAD_SIZE)
                        .outputProjection(true));
        this.attentionNorm = LayerNorm.create(path.child("attention_norm"), width);
        this.inner = Linear.create(path.child("inner"), width, config.feedForward(), /* withBias= */ true);
        this.outer = Linear.create(path.child("outer"), config.feedForward(), width, /* withBias= */ true);
        this.norm = LayerNorm.create(path.child("norm"), width);
    }

    /**
     * Sizes and options.
     *
     * @param width the size of a token, a multiple of {@code heads}
     * @param heads the number of heads
     * @param feedForward the hidden size behind the attention
     * @param activation the function f
     * @param dropout the probability of dropping a value that is added, at least 0 and below 1
     */
    public record Config(int width, int heads, int feedForward, Activation activation, double dropout) {}

    /**
     * Makes the block with new parameters.
     *
     * @param path where its parameters live
     * @param config its sizes and options
     * @return the block
     * @throws IllegalArgumentException when a size is not positive or the heads do not divide the width
     */
    public static TransformerBlock create(Parameters.Path path, Config config) {
        return new TransformerBlock(path, config);
    }

    /**
     * Relates tokens to all tokens.
     *
     * @param queries the tokens wanted, {@code [batch, queries, width]}: all of them or some
     * @param tokens all tokens, {@code [batch, time, width]}
     * @param padding {@code [batch, time]}, boolean: true hides a token; null hides none
     * @param mode whether this is training
     * @return {@code [batch, queries, width]}
     */
    public Tensor forward(Tensor queries, Tensor tokens, @Nullable Tensor padding, Mode mode) {
        if (queries == tokens) {
            return Recomputed.forward(
                    List.of(tokens), mode, inputs -> block(inputs.get(0), inputs.get(0), padding, mode));
        }
        return Recomputed.forward(
                List.of(queries, tokens), mode, inputs -> block(inputs.get(0), inputs.get(1), padding, mode));
    }

    private Tensor block(Tensor queries, Tensor tokens, @Nullable Tensor padding, Mode mode) {
        Tensor attended = attention.output(queries, tokens, padding, mode); // [batch, queries, width]
        Tensor x = attentionNorm.forward(queries.add(dropout.forward(attended, mode)));
        Tensor y = outer.forward(activation.apply(inner.forward(x)));
        return norm.forward(x.add(dropout.forward(y, mode)));
    }
}
