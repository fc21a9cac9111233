package dev.marquee.model;

import dev.marquee.config.About;
import dev.marquee.config.Faults;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import dev.marquee.nn.Activation;
import dev.marquee.nn.HiddenLayers;
import dev.marquee.nn.LocalActivation;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import java.util.List;
import java.util.Optional;

/**
 * The deep interest network, {@link Din}.
 *
 * @param embedding of ids
 * @param attentionHidden the sizes of the hidden layers of the activation unit
 * @param softmax whether the weights of a history are made to sum to 1
 * @param products whether the perceptron also gets the products of the candidate with what attention found and with the
 *     mean of the history, as the authors' programs feed them: matches are then seen after far fewer rows
 * @param hidden the sizes of the hidden layers of the perceptron
 * @param dice whether Dice follows each hidden layer, in the activation unit too
 * @param activation what follows each of them otherwise
 * @param dropout the probability after each hidden layer of the perceptron
 * @param norm between linear map and activation, in the perceptron
 * @param initFrom a safetensors file of initial weights, loaded strictly; empty to draw them
 */
@Kind("din")
public record DinConfig(
        @About("embeddings of ids") EmbeddingConfig embedding,

        @About("sizes of the hidden layers of the activation unit, at least one") @Range(atLeast = 1)
        List<Integer> attentionHidden,

        @About("make the weights of a history sum to 1; the paper does not")
        boolean softmax,

        @About(
                "whether the perceptron also gets the candidate times what attention found, and times the history's mean")
        boolean products,

        @About("sizes of the hidden layers of the perceptron") @Range(atLeast = 1)
        List<Integer> hidden,

        @About("Dice after each hidden layer, in place of the activation")
        boolean dice,

        @About("function after each hidden layer where dice is false")
        Activation activation,

        @About("probability of dropping a value after each hidden layer of the perceptron")
        @Range(atLeast = 0, below = 1)
        double dropout,

        @About("norm between linear map and activation in the perceptron")
        Norm norm,

        @About("safetensors file of initial weights; every tensor must be there and fit")
        Optional<String> initFrom)
        implements RankingModelConfig {
    /** The sizes of the paper's figure. */
    public static final DinConfig DEFAULT = new DinConfig(
            EmbeddingConfig.DEFAULT,
            List.of(36),
            false,
            false,
            List.of(200, 80),
            true,
            Activation.RELU,
            0,
            Norm.NONE,
            Optional.empty());

    /** Copies and checks. */
    public DinConfig {
        attentionHidden = List.copyOf(attentionHidden);
        hidden = List.copyOf(hidden);
        Sections.validate(
                DinConfig.class,
                embedding,
                attentionHidden,
                softmax,
                products,
                hidden,
                dice,
                activation,
                dropout,
                norm,
                initFrom);
    }

    @Override
    public void check(Faults faults) {
        if (attentionHidden.isEmpty()) {
            faults.add("attention_hidden", "needs at least one size, such as [36]");
        }
    }

    @Override
    public String describe() {
        return "deep interest network: embeddings of " + embedding.size() + ", activation unit " + attentionHidden
                + ", perceptron " + hidden;
    }

    @Override
    public Model create(Parameters.Path path, FeatureLayout layout) {
        return new Din(path, layout, this);
    }

    LocalActivation.Config unit(int width) {
        return new LocalActivation.Config(width, attentionHidden, dice, activation, softmax);
    }

    HiddenLayers.Config layers() {
        return new HiddenLayers.Config(hidden, activation, dice, dropout, norm);
    }
}
