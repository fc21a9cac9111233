package dev.marquee.model;

import dev.marquee.config.About;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import dev.marquee.nn.Activation;
import dev.marquee.nn.HiddenLayers;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.TransformerBlock;
import dev.marquee.schema.FeatureLayout;
import java.util.List;
import java.util.Optional;

/**
 * The behaviour sequence transformer, {@link Bst}.
 *
 * @param embedding of ids; its size times the number of sequences of a history must be a multiple of {@code heads}
 * @param heads the number of heads
 * @param blocks the number of transformer blocks
 * @param feedForward the hidden size behind the attention of a block
 * @param tokens which tokens the perceptron sees
 * @param hidden the sizes of the hidden layers of the perceptron
 * @param activation after each hidden layer, in the blocks too
 * @param dropout the probability after each hidden layer and after attention and feed-forward of a block
 * @param norm between linear map and activation, in the perceptron
 * @param initFrom a safetensors file of initial weights, loaded strictly; empty to draw them
 */
@Kind("bst")
public record BstConfig(
        @About("embeddings of ids; size times sequences of a history is a multiple of heads")
        EmbeddingConfig embedding,

        @About("number of heads") @Range(atLeast = 1) int heads,

        @About("number of transformer blocks") @Range(atLeast = 1)
        int blocks,

        @About("hidden size behind the attention of a block") @Range(atLeast = 1)
        int feedForward,

        @About("tokens that the perceptron sees: candidate, or all, as in the paper")
        Tokens tokens,

        @About("sizes of the hidden layers of the perceptron; the paper's are 1024, 512, 256") @Range(atLeast = 1)
        List<Integer> hidden,

        @About("function after each hidden layer, in the blocks too")
        Activation activation,

        @About("probability of dropping a value after each hidden layer and in the blocks")
        @Range(atLeast = 0, below = 1)
        double dropout,

        @About("norm between linear map and activation in the perceptron")
        Norm norm,

        @About("safetensors file of initial weights; every tensor must be there and fit")
        Optional<String> initFrom)
        implements RankingModelConfig {
    /** One block of four heads. */
    public static final BstConfig DEFAULT = new BstConfig(
            EmbeddingConfig.DEFAULT,
            4,
            1,
            64,
            Tokens.CANDIDATE,
            List.of(256, 128, 64),
            Activation.LEAKY_RELU,
            0,
            Norm.NONE,
            Optional.empty());

    /** What of the last block's output the perceptron sees. */
    public enum Tokens {
        /** The candidate, which has attended to the history: the last block then works for one token, not for all. */
        CANDIDATE,
        /** The candidate and each event side by side, the newest first, zeros where there was none, as in the paper. */
        ALL
    }

    /** Copies and checks. */
    public BstConfig {
        hidden = List.copyOf(hidden);
        Sections.validate(
                BstConfig.class,
                embedding,
                heads,
                blocks,
                feedForward,
                tokens,
                hidden,
                activation,
                dropout,
                norm,
                initFrom);
    }

    @Override
    public String describe() {
        return "behaviour sequence transformer: embeddings of " + embedding.size() + ", " + blocks
                + (blocks == 1 ? " block, " : " blocks, ") + heads + " heads, perceptron " + hidden;
    }

    @Override
    public Model create(Parameters.Path path, FeatureLayout layout) {
        return new Bst(path, layout, this);
    }

    TransformerBlock.Config block(int width) {
        return new TransformerBlock.Config(width, heads, feedForward, activation, dropout);
    }

    HiddenLayers.Config layers() {
        return new HiddenLayers.Config(hidden, activation, dropout, norm);
    }
}
