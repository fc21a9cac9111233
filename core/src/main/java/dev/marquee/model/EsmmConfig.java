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
 * The entire space multi-task model, {@link Esmm}.
 *
 * @param embedding of ids, shared by the towers
 * @param hidden the sizes of the hidden layers of each tower
 * @param activation after each hidden layer
 * @param dropout the probability after each hidden layer
 * @param norm between linear map and activation
 * @param initFrom a safetensors file of initial weights, loaded strictly; empty to draw them
 */
@Kind("esmm")
public record EsmmConfig(
        @About("embeddings of ids, shared by the two towers")
        EmbeddingConfig embedding,

        @About("sizes of the hidden layers of each tower") @Range(atLeast = 1)
        List<Integer> hidden,

        @About("function after each hidden layer") Activation activation,

        @About("probability of dropping a value after each hidden layer") @Range(atLeast = 0, below = 1)
        double dropout,

        @About("norm between linear map and activation") Norm norm,

        @About("safetensors file of initial weights; every tensor must be there and fit")
        Optional<String> initFrom)
        implements RankingModelConfig {
    /** The sizes of the paper. */
    public static final EsmmConfig DEFAULT = new EsmmConfig(
            EmbeddingConfig.DEFAULT, List.of(360, 200, 80), Activation.RELU, 0, Norm.NONE, Optional.empty());

    /** Copies and checks. */
    public EsmmConfig {
        hidden = List.copyOf(hidden);
        Sections.validate(EsmmConfig.class, embedding, hidden, activation, dropout, norm, initFrom);
    }

    @Override
    public String describe() {
        return "entire space multi-task model: embeddings of " + embedding.size() + ", two towers " + hidden;
    }

    @Override
    public Model create(Parameters.Path path, FeatureLayout layout) {
        return new Esmm(path, layout, this);
    }

    HiddenLayers.Config tower() {
        return new HiddenLayers.Config(hidden, activation, dropout, norm);
    }
}
