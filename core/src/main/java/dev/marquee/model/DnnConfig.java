package dev.marquee.model;

import dev.marquee.config.About;
import dev.marquee.config.Faults;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import dev.marquee.nn.Activation;
import dev.marquee.nn.HiddenLayers;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import java.util.List;
import java.util.Optional;

/**
 * A perceptron on the embeddings.
 *
 * @param embedding the embeddings
 * @param dense how the numbers enter
 * @param hidden the sizes of the perceptron's hidden layers
 * @param activation the function after each hidden layer
 * @param dropout the probability of dropping a value after each hidden layer
 * @param norm the norm between linear map and activation
 * @param members how many perceptrons share their weights, as in TabM; one for an ordinary one
 * @param initFrom a safetensors file of initial weights, loaded strictly; empty to draw them
 */
@Kind("dnn")
public record DnnConfig(
        @About("the embeddings") EmbeddingConfig embedding,

        @About("how numbers enter: raw, beside the embeddings; embedded, each as an embedding")
        DenseInput dense,

        @About("sizes of the perceptron's hidden layers") @Range(atLeast = 1)
        List<Integer> hidden,

        @About("function after each hidden layer") Activation activation,

        @About("probability of dropping a value after each hidden layer") @Range(atLeast = 0, below = 1)
        double dropout,

        @About("norm between linear map and activation: none, batch or layer")
        Norm norm,

        @About("perceptrons that share their weights, as in TabM; their mean predicts; 1: an ordinary one")
        @Range(atLeast = 1, atMost = 1024)
        int members,

        @About("safetensors file of initial weights; every tensor must be there and fit")
        Optional<String> initFrom)
        implements RankingModelConfig {
    /** The values of absent keys. */
    public static final DnnConfig DEFAULT = new DnnConfig(
            EmbeddingConfig.DEFAULT,
            DenseInput.RAW,
            List.of(256, 128),
            Activation.RELU,
            0,
            Norm.NONE,
            1,
            Optional.empty());

    /** Copies and checks. */
    public DnnConfig {
        hidden = List.copyOf(hidden);
        Sections.validate(DnnConfig.class, embedding, dense, hidden, activation, dropout, norm, members, initFrom);
    }

    @Override
    public void check(Faults faults) {
        DeepPart.checkMembers(faults, members, hidden);
    }

    @Override
    public String describe() {
        return DeepPart.describe("dnn", embedding, hidden, members);
    }

    @Override
    public Model create(Parameters.Path path, FeatureLayout layout) {
        return new Dnn(path, layout, this);
    }

    HiddenLayers.Config perceptron() {
        return new HiddenLayers.Config(hidden, activation, dropout, norm);
    }
}
