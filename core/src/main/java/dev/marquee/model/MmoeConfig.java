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
 * The multi-gate mixture of experts, {@link Mmoe}.
 *
 * @param embedding of ids
 * @param experts the number of experts
 * @param expertHidden the sizes of the layers of an expert
 * @param gateFeatures the features that the gates see; empty for all
 * @param towerHidden the sizes of the hidden layers of a label's tower
 * @param activation after each layer of experts and towers
 * @param dropout the probability after each of these layers
 * @param norm between linear map and activation
 * @param initFrom a safetensors file of initial weights, loaded strictly; empty to draw them
 */
@Kind("mmoe")
public record MmoeConfig(
        @About("embeddings of ids") EmbeddingConfig embedding,

        @About("number of experts") @Range(atLeast = 1) int experts,

        @About("sizes of the layers of an expert") @Range(atLeast = 1)
        List<Integer> expertHidden,

        @About("names of the features that the gates see; empty: all")
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
    /** Eight experts of one layer. */
    public static final MmoeConfig DEFAULT = new MmoeConfig(
            EmbeddingConfig.DEFAULT,
            8,
            List.of(128),
            List.of(),
            List.of(64),
            Activation.RELU,
            0,
            Norm.NONE,
            Optional.empty());

    /** Copies and checks. */
    public MmoeConfig {
        expertHidden = List.copyOf(expertHidden);
        gateFeatures = List.copyOf(gateFeatures);
        towerHidden = List.copyOf(towerHidden);
        Sections.validate(
                MmoeConfig.class,
                embedding,
                experts,
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
        return "multi-gate mixture of experts: embeddings of " + embedding.size() + ", " + experts + " experts "
                + expertHidden + ", towers " + towerHidden;
    }

    @Override
    public Model create(Parameters.Path path, FeatureLayout layout) {
        return new Mmoe(path, layout, this);
    }

    HiddenLayers.Config expert() {
        return new HiddenLayers.Config(expertHidden, activation, dropout, norm);
    }

    HiddenLayers.Config tower() {
        return new HiddenLayers.Config(towerHidden, activation, dropout, norm);
    }
}
