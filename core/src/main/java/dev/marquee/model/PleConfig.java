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
 * Progressive layered extraction, {@link Ple}.
 *
 * @param embedding of ids
 * @param levels the number of extraction levels; with one it is customized gate control
 * @param labelExperts the number of experts of each label, in each level
 * @param sharedExperts the number of shared experts, in each level
 * @param expertHidden the sizes of the layers of an expert
 * @param gateFeatures the features that the gates of the first level see; empty for all
 * @param towerHidden the sizes of the hidden layers of a label's tower
 * @param activation after each layer of experts and towers
 * @param dropout the probability after each of these layers
 * @param norm between linear map and activation
 * @param initFrom a safetensors file of initial weights, loaded strictly; empty to draw them
 */
@Kind("ple")
public record PleConfig(
        @About("embeddings of ids") EmbeddingConfig embedding,

        @About("number of extraction levels") @Range(atLeast = 1)
        int levels,

        @About("experts of each label, in each level") @Range(atLeast = 1)
        int labelExperts,

        @About("shared experts, in each level") @Range(atLeast = 1)
        int sharedExperts,

        @About("sizes of the layers of an expert") @Range(atLeast = 1)
        List<Integer> expertHidden,

        @About("names of the features that the gates of the first level see; empty: all")
        List<String> gateFeatures,

        @About("sizes of the hidden layers of a label's tower") @Range(atLeast = 1)
        List<Integer> towerHidden,

        @About("function after each layer of experts and towers")
        Activation activation,

        @About("probability of dropping a value after each layer") @Range(atLeast = 0, below = 1)
        double dropout,

        @About("norm between linear map and activation") Norm norm,

        @About("safetensors file of initial weights; every tensor must be there and fit")
        Optional<String> initFrom)
        implements RankingModelConfig {
    /** Two levels, in each two experts of every label and two shared ones. */
    public static final PleConfig DEFAULT = new PleConfig(
            EmbeddingConfig.DEFAULT,
            2,
            2,
            2,
            List.of(128),
            List.of(),
            List.of(64),
            Activation.RELU,
            0,
            Norm.NONE,
            Optional.empty());

    /** Copies and checks. */
    public PleConfig {
        expertHidden = List.copyOf(expertHidden);
        gateFeatures = List.copyOf(gateFeatures);
        towerHidden = List.copyOf(towerHidden);
        Sections.validate(
                PleConfig.class,
                embedding,
                levels,
                labelExperts,
                sharedExperts,
                expertHidden,
                gateFeatures,
                towerHidden,
                activation,
                dropout,
                norm,
                initFrom);
    }

    @Override
    public String describe() {
        return "progressive layered extraction: embeddings of " + embedding.size() + ", " + levels
                + (levels == 1 ? " level of " : " levels of ") + labelExperts + " experts a label and " + sharedExperts
                + " shared " + expertHidden + ", towers " + towerHidden;
    }

    @Override
    public Model create(Parameters.Path path, FeatureLayout layout) {
        return new Ple(path, layout, this);
    }

    HiddenLayers.Config expert() {
        return new HiddenLayers.Config(expertHidden, activation, dropout, norm);
    }

    HiddenLayers.Config tower() {
        return new HiddenLayers.Config(towerHidden, activation, dropout, norm);
    }
}
