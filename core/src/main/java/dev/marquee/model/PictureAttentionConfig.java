package dev.marquee.model;

import dev.marquee.config.About;
import dev.marquee.config.Faults;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import dev.marquee.nn.Parameters;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention over the rows of a picture.
 *
 * @param rows the height of the pictures: the number of tokens
 * @param columns the width of the pictures: the size of a token
 * @param units the size of a token inside the network
 * @param heads the number of heads
 * @param blocks the number of blocks
 * @param feedForward the hidden size of a block's perceptron
 * @param pooling how the tokens become one vector
 * @param hidden the hidden size of the perceptron behind the pooling
 * @param classes the number of classes
 * @param dropout the probability after attention and perceptrons, and inside these
 * @param head what is returned
 * @param initFrom a safetensors file of initial weights, loaded strictly; empty to draw them
 */
@Kind("picture_attention")
public record PictureAttentionConfig(
        @About("height of the pictures: the number of tokens") @Range(atLeast = 1)
        int rows,

        @About("width of the pictures: the size of a token") @Range(atLeast = 1)
        int columns,

        @About("size of a token inside the network, a multiple of heads") @Range(atLeast = 1)
        int units,

        @About("number of heads") @Range(atLeast = 1) int heads,

        @About("number of blocks of attention and perceptron") @Range(atLeast = 1)
        int blocks,

        @About("hidden size of a block's perceptron") @Range(atLeast = 1)
        int feedForward,

        @About("how the tokens become one vector: mean, or concatenate, which keeps apart where they stood")
        Pooling pooling,

        @About("hidden size of the perceptron behind the pooling") @Range(atLeast = 1)
        int hidden,

        @About("number of classes") @Range(atLeast = 2) int classes,

        @About("probability of dropping a value") @Range(atLeast = 0, below = 1)
        double dropout,

        @About("logits, or softmax: the network returns probabilities")
        Head head,

        @About("safetensors file of initial weights; every tensor must be there and fit")
        Optional<String> initFrom)
        implements PictureModelConfig {
    /** Two blocks on 28 tokens of 28 pixels. */
    public static final PictureAttentionConfig DEFAULT = new PictureAttentionConfig(
            28, 28, 64, 4, 2, 128, Pooling.CONCATENATE, 128, 10, 0.1, Head.LOGITS, Optional.empty());

    /** How the tokens of a picture become one vector. */
    public enum Pooling {
        /** Their mean, of {@code units} numbers. */
        MEAN,
        /** All of them side by side, {@code rows · units} numbers. */
        CONCATENATE;

        Tensor apply(Tensor tokens) {
            return this == MEAN ? tokens.mean(1) : tokens.flatten(1, 2); // [batch, units or rows * units]
        }
    }

    /** Checks. */
    public PictureAttentionConfig {
        Sections.validate(
                PictureAttentionConfig.class,
                rows,
                columns,
                units,
                heads,
                blocks,
                feedForward,
                pooling,
                hidden,
                classes,
                dropout,
                head,
                initFrom);
    }

    @Override
    public void check(Faults faults) {
        if (heads > 0 && units % heads != 0) {
            faults.add("units", units + " units cannot be cut into " + heads + " equal heads");
        }
    }

    @Override
    public int positions() {
        return rows;
    }

    /** The size of the vector that stands for a picture. */
    int pooledSize() {
        return pooling == Pooling.MEAN ? units : rows * units;
    }

    @Override
    public String describe() {
        return "attention over " + rows + " rows of " + columns + " pixels: " + blocks + " blocks, " + heads
                + " heads of " + units / heads + " units";
    }

    @Override
    public PictureAttention create(Parameters.Path path) {
        return PictureAttention.create(path, this);
    }
}
