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
 * AutoInt: layers of attention among the fields; with hidden layers AutoInt+, a perceptron beside them.
 *
 * @param embedding the embeddings
 * @param layers the number of attention layers
 * @param heads the number of heads, which divides the units
 * @param units the size of a field after an attention layer, all heads together
 * @param hidden the sizes of the hidden layers of a perceptron beside the attention; empty for none
 * @param activation the function after each hidden layer
 * @param dropout the probability of dropping an attention score, and a value after each hidden layer
 * @param norm the norm between linear map and activation
 * @param initFrom a safetensors file of initial weights, loaded strictly; empty to draw them
 */
@Kind("autoint")
public record AutoIntConfig(
        @About("the embeddings") EmbeddingConfig embedding,

        @About("number of attention layers") @Range(atLeast = 1, atMost = 64)
        int layers,

        @About("number of heads; divides units") @Range(atLeast = 1, atMost = 256)
        int heads,

        @About("size of a field after an attention layer, all heads together") @Range(atLeast = 1, atMost = 4096)
        int units,

        @About("sizes of the hidden layers of a perceptron beside the attention (AutoInt+); empty: none")
        @Range(atLeast = 1)
        List<Integer> hidden,

        @About("function after each hidden layer") Activation activation,

        @About("probability of dropping an attention score, and a value after each hidden layer")
        @Range(atLeast = 0, below = 1)
        double dropout,

        @About("norm between linear map and activation: none, batch or layer")
        Norm norm,

        @About("safetensors file of initial weights; every tensor must be there and fit")
        Optional<String> initFrom)
        implements RankingModelConfig {
    /** The values of absent keys. */
    public static final AutoIntConfig DEFAULT = new AutoIntConfig(
            EmbeddingConfig.DEFAULT, 3, 2, 32, List.of(), Activation.RELU, 0, Norm.NONE, Optional.empty());

    /** Copies and checks. */
    public AutoIntConfig {
        hidden = List.copyOf(hidden);
        Sections.validate(
                AutoIntConfig.class, embedding, layers, heads, units, hidden, activation, dropout, norm, initFrom);
    }

    @Override
    public void check(Faults faults) {
        if (units % heads != 0) {
            faults.add(
                    "units", "must be divisible by heads: " + units + " cannot be cut into " + heads + " equal heads");
        }
    }

    @Override
    public String describe() {
        return DeepPart.describe("autoint of " + layers + " attention layers", embedding, hidden, 1);
    }

    @Override
    public Model create(Parameters.Path path, FeatureLayout layout) {
        return new AutoInt(path, layout, this);
    }

    HiddenLayers.Config perceptron() {
        return new HiddenLayers.Config(hidden, activation, dropout, norm);
    }
}
