package dev.marquee.model;

import dev.marquee.config.About;
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
 * DLRM: a perceptron makes an embedding of the numbers; the products of all pairs of embeddings go, with it, through
 * another.
 *
 * @param embedding the embeddings
 * @param bottom the sizes of the hidden layers of the perceptron on the numbers
 * @param top the sizes of the hidden layers of the perceptron on the products
 * @param activation the function after each hidden layer
 * @param dropout the probability of dropping a value after each hidden layer
 * @param norm the norm between linear map and activation
 * @param initFrom a safetensors file of initial weights, loaded strictly; empty to draw them
 */
@Kind("dlrm")
public record DlrmConfig(
        @About("the embeddings") EmbeddingConfig embedding,

        @About("sizes of the hidden layers of the perceptron on the numbers") @Range(atLeast = 1)
        List<Integer> bottom,

        @About("sizes of the hidden layers of the perceptron on the products") @Range(atLeast = 1)
        List<Integer> top,

        @About("function after each hidden layer") Activation activation,

        @About("probability of dropping a value after each hidden layer") @Range(atLeast = 0, below = 1)
        double dropout,

        @About("norm between linear map and activation: none, batch or layer")
        Norm norm,

        @About("safetensors file of initial weights; every tensor must be there and fit")
        Optional<String> initFrom)
        implements RankingModelConfig {
    /** The values of absent keys. */
    public static final DlrmConfig DEFAULT = new DlrmConfig(
            EmbeddingConfig.DEFAULT, List.of(64), List.of(256, 128), Activation.RELU, 0, Norm.NONE, Optional.empty());

    /** Copies and checks. */
    public DlrmConfig {
        bottom = List.copyOf(bottom);
        top = List.copyOf(top);
        Sections.validate(DlrmConfig.class, embedding, bottom, top, activation, dropout, norm, initFrom);
    }

    @Override
    public String describe() {
        return DeepPart.describe("dlrm", embedding, top, 1);
    }

    @Override
    public Model create(Parameters.Path path, FeatureLayout layout) {
        return new Dlrm(path, layout, this);
    }

    HiddenLayers.Config perceptron(List<Integer> sizes) {
        return new HiddenLayers.Config(sizes, activation, dropout, norm);
    }
}
