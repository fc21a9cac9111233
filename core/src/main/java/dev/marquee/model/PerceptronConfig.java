package dev.marquee.model;

import dev.marquee.config.About;
import dev.marquee.config.Faults;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import dev.marquee.nn.Activation;
import dev.marquee.nn.MultilayerPerceptron;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A perceptron that classifies pictures.
 *
 * @param sizes of the input, of each hidden layer, and of the output
 * @param activation after each layer but the last
 * @param dropout the probability after each layer but the last
 * @param norm between linear map and activation
 * @param head what is returned
 * @param initFrom a safetensors file of initial weights, loaded strictly; empty to draw them
 */
@Kind("perceptron")
public record PerceptronConfig(
        @About("sizes of the input, of each hidden layer, and of the output") @Range(atLeast = 1)
        List<Integer> sizes,

        @About("function after each layer but the last") Activation activation,

        @About("probability of dropping a value after each layer but the last") @Range(atLeast = 0, below = 1)
        double dropout,

        @About("norm between linear map and activation") Norm norm,

        @About("logits, or softmax: the network returns probabilities")
        Head head,

        @About("safetensors file of initial weights; every tensor must be there and fit")
        Optional<String> initFrom)
        implements PictureModelConfig {
    /** Up to this width one thread was the faster at every batch size tried, 20 to 1024: docs/decisions.md. */
    private static final int LARGEST_SMALL_LAYER = 512;

    /** 784-512-128-10 with ReLU, returning logits. */
    public static final PerceptronConfig DEFAULT = new PerceptronConfig(
            List.of(784, 512, 128, 10), Activation.RELU, 0, Norm.NONE, Head.LOGITS, Optional.empty());

    /** Copies and checks. */
    public PerceptronConfig {
        sizes = List.copyOf(sizes);
        Sections.validate(PerceptronConfig.class, sizes, activation, dropout, norm, head, initFrom);
    }

    @Override
    public void check(Faults faults) {
        if (sizes.size() < 2) {
            faults.add("sizes", "needs at least two sizes, of the input and of the output, not " + sizes);
        }
    }

    @Override
    public int operatorThreads(int threads) {
        boolean small = sizes.stream().skip(1).allMatch(size -> size <= LARGEST_SMALL_LAYER);
        return small ? 1 : threads;
    }

    @Override
    public String describe() {
        String layers = sizes.stream().map(String::valueOf).collect(Collectors.joining("-"));
        return ("perceptron " + layers + ", " + activation + ", " + head).toLowerCase(Locale.ROOT);
    }

    @Override
    public Perceptron create(Parameters.Path path) {
        return Perceptron.create(path, this);
    }

    MultilayerPerceptron.Config layers() {
        return new MultilayerPerceptron.Config(sizes, activation, dropout, norm);
    }
}
