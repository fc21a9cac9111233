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
 * A cross network and a perceptron, one after the other or side by side.
 *
 * @param embedding the embeddings
 * @param dense how the numbers enter
 * @param layers the number of cross layers
 * @param rank the rank of the cross layers' maps; full where absent
 * @param experts how many low-rank maps a cross layer mixes; one for no mixture
 * @param structure how the two are joined
 * @param hidden the sizes of the perceptron's hidden layers
 * @param activation the function after each hidden layer
 * @param dropout the probability of dropping a value after each hidden layer
 * @param norm the norm between linear map and activation
 * @param members how many perceptrons share their weights, as in TabM; one for an ordinary one
 * @param initFrom a safetensors file of initial weights, loaded strictly; empty to draw them
 */
@Kind("dcn_v2")
public record DcnV2Config(
        @About("the embeddings") EmbeddingConfig embedding,

        @About("how numbers enter: raw, beside the embeddings; embedded, each as an embedding")
        DenseInput dense,

        @About("number of cross layers") @Range(atLeast = 0, atMost = 64)
        int layers,

        @About("rank of the cross layers' maps; absent: full") @Range(atLeast = 1)
        Optional<Integer> rank,

        @About("low-rank maps that a cross layer mixes; 1: no mixture") @Range(atLeast = 1, atMost = 64)
        int experts,

        @About("stacked: the perceptron reads the cross layers' output; parallel: the input, beside them")
        Structure structure,

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
    public static final DcnV2Config DEFAULT = new DcnV2Config(
            EmbeddingConfig.DEFAULT,
            DenseInput.RAW,
            2,
            Optional.empty(),
            1,
            Structure.STACKED,
            List.of(256, 128),
            Activation.RELU,
            0,
            Norm.NONE,
            1,
            Optional.empty());

    /** How cross network and perceptron are joined. */
    public enum Structure {
        /** The perceptron reads what the cross network gives. */
        STACKED,
        /** Both read the input; the last linear map reads both. */
        PARALLEL
    }

    /** Copies and checks. */
    public DcnV2Config {
        hidden = List.copyOf(hidden);
        Sections.validate(
                DcnV2Config.class,
                embedding,
                dense,
                layers,
                rank,
                experts,
                structure,
                hidden,
                activation,
                dropout,
                norm,
                members,
                initFrom);
    }

    @Override
    public void check(Faults faults) {
        DeepPart.checkMembers(faults, members, hidden);
        if (experts > 1 && rank.isEmpty()) {
            faults.add("experts", "are low-rank maps: " + experts + " of them need a rank, such as rank: 64");
        }
        if (structure == Structure.PARALLEL && hidden.isEmpty()) {
            faults.add("structure", "parallel needs a perceptron beside the cross layers, but hidden is empty");
        }
    }

    @Override
    public String describe() {
        return DeepPart.describe("dcn_v2 of " + layers + " cross layers", embedding, hidden, members);
    }

    @Override
    public Model create(Parameters.Path path, FeatureLayout layout) {
        return new DcnV2(path, layout, this);
    }

    HiddenLayers.Config perceptron() {
        return new HiddenLayers.Config(hidden, activation, dropout, norm);
    }
}
