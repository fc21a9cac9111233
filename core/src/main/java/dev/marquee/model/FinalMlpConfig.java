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
 * FinalMLP: two perceptrons, each on an input weighted by a gate of its own, fused by a bilinear form.
 *
 * @param embedding the embeddings
 * @param dense how the numbers enter
 * @param first the sizes of the first stream's hidden layers
 * @param second the sizes of the second stream's hidden layers
 * @param activation the function after each hidden layer
 * @param dropout the probability of dropping a value after each hidden layer
 * @param norm the norm between linear map and activation
 * @param gating whether a gate of its own weighs each stream's input
 * @param gateHidden the sizes of the gates' hidden layers
 * @param firstGate the features that the first gate reads; empty for a learnt vector
 * @param secondGate the features that the second gate reads; empty for a learnt vector
 * @param heads into how many parts both streams are cut for the bilinear form
 * @param initFrom a safetensors file of initial weights, loaded strictly; empty to draw them
 */
@Kind("final_mlp")
public record FinalMlpConfig(
        @About("the embeddings") EmbeddingConfig embedding,

        @About("how numbers enter: raw, beside the embeddings; embedded, each as an embedding")
        DenseInput dense,

        @About("sizes of the first stream's hidden layers") @Range(atLeast = 1)
        List<Integer> first,

        @About("sizes of the second stream's hidden layers") @Range(atLeast = 1)
        List<Integer> second,

        @About("function after each hidden layer") Activation activation,

        @About("probability of dropping a value after each hidden layer") @Range(atLeast = 0, below = 1)
        double dropout,

        @About("norm between linear map and activation: none, batch or layer")
        Norm norm,

        @About("whether a gate of its own weighs each stream's input")
        boolean gating,

        @About("sizes of the gates' hidden layers") @Range(atLeast = 1)
        List<Integer> gateHidden,

        @About("features that the first gate reads, such as those of the user; empty: a learnt vector")
        List<String> firstGate,

        @About("features that the second gate reads, such as those of the ad; empty: a learnt vector")
        List<String> secondGate,

        @About("parts into which both streams are cut for the bilinear form") @Range(atLeast = 1, atMost = 4096)
        int heads,

        @About("safetensors file of initial weights; every tensor must be there and fit")
        Optional<String> initFrom)
        implements RankingModelConfig {
    /** The values of absent keys. */
    public static final FinalMlpConfig DEFAULT = new FinalMlpConfig(
            EmbeddingConfig.DEFAULT,
            DenseInput.RAW,
            List.of(256, 128),
            List.of(256, 128),
            Activation.RELU,
            0,
            Norm.NONE,
            true,
            List.of(64),
            List.of(),
            List.of(),
            1,
            Optional.empty());

    /** Copies and checks. */
    public FinalMlpConfig {
        first = List.copyOf(first);
        second = List.copyOf(second);
        gateHidden = List.copyOf(gateHidden);
        firstGate = List.copyOf(firstGate);
        secondGate = List.copyOf(secondGate);
        Sections.validate(
                FinalMlpConfig.class,
                embedding,
                dense,
                first,
                second,
                activation,
                dropout,
                norm,
                gating,
                gateHidden,
                firstGate,
                secondGate,
                heads,
                initFrom);
    }

    @Override
    public void check(Faults faults) {
        checkStream("first", first, faults);
        checkStream("second", second, faults);
    }

    @Override
    public String describe() {
        return "final_mlp of " + heads + (heads == 1 ? " head" : " heads") + ", embeddings of " + embedding.size()
                + ", perceptrons " + DeepPart.words(first) + " and " + DeepPart.words(second);
    }

    @Override
    public Model create(Parameters.Path path, FeatureLayout layout) {
        return new FinalMlp(path, layout, this);
    }

    private void checkStream(String key, List<Integer> sizes, Faults faults) {
        if (sizes.isEmpty()) {
            faults.add(key, "needs at least one hidden layer");
        } else if (sizes.get(sizes.size() - 1) % heads != 0) {
            faults.add(
                    key,
                    "must end with a size divisible by heads: " + sizes.get(sizes.size() - 1) + " cannot be cut into "
                            + heads + " equal parts");
        }
    }

    HiddenLayers.Config perceptron(List<Integer> sizes) {
        return new HiddenLayers.Config(sizes, activation, dropout, norm);
    }

    HiddenLayers.Config gateLayers() {
        return new HiddenLayers.Config(gateHidden, activation, 0, Norm.NONE);
    }
}
