package dev.marquee.model;

import dev.marquee.config.Faults;
import dev.marquee.nn.Activation;
import dev.marquee.nn.EnsemblePerceptron;
import dev.marquee.nn.Mode;
import dev.marquee.nn.MultilayerPerceptron;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;

/**
 * The hidden layers of a network: linear maps, each followed by norm, activation and dropout; with members, an {@link
 * EnsemblePerceptron}. Without any layer the input is the output.
 */
final class DeepPart {
    private final int outputs;
    private final Layers layers;

    private DeepPart(int outputs, Layers layers) {
        this.outputs = outputs;
        this.layers = layers;
    }

    /**
     * What the layers consist of.
     *
     * @param sizes the size of each layer
     * @param activation after each linear map and norm
     * @param dropout after each activation
     * @param norm after each linear map
     */
    record Config(List<Integer> sizes, Activation activation, double dropout, Norm norm) {
        private MultilayerPerceptron.Config from(int inputs) {
            List<Integer> all = new ArrayList<>(List.of(inputs));
            all.addAll(sizes);
            return new MultilayerPerceptron.Config(all, activation, dropout, norm);
        }

        private int outputs(int inputs) {
            return sizes.isEmpty() ? inputs : sizes.get(sizes.size() - 1);
        }
    }

    private interface Layers {
        Tensor forward(Tensor x, Mode mode);
    }

    /** Layers that give {@code [batch, outputs()]}. */
    static DeepPart create(Parameters.Path path, int inputs, Config config) {
        return new DeepPart(
                config.outputs(inputs),
                config.sizes().isEmpty()
                        ? (x, mode) -> x
                        : MultilayerPerceptron.createHidden(path, config.from(inputs))::forward);
    }

    /** Layers that give {@code [batch, outputs()]} for one member, {@code [batch, members, outputs()]} for several. */
    static DeepPart create(Parameters.Path path, int inputs, Config config, int members) {
        return members == 1
                ? create(path, inputs, config)
                : new DeepPart(
                        config.outputs(inputs), EnsemblePerceptron.create(path, config.from(inputs), members)::forward);
    }

    /** Several members share the weights of hidden layers, of which there must be some. */
    static void checkMembers(Faults faults, int members, List<Integer> hidden) {
        if (members > 1 && hidden.isEmpty()) {
            faults.add("members", "share the weights of hidden layers, but hidden is empty: give sizes, or 1 member");
        }
    }

    /** A network in words. */
    static String describe(String network, EmbeddingConfig embedding, List<Integer> sizes, int members) {
        return network + ", embeddings of " + embedding.size() + (sizes.isEmpty() ? "" : ", perceptron " + words(sizes))
                + (members == 1 ? "" : ", " + members + " members");
    }

    /** Such as {@code 256-128}. */
    static String words(List<Integer> sizes) {
        return sizes.stream().map(String::valueOf).collect(Collectors.joining("-"));
    }

    int outputs() {
        return outputs;
    }

    Tensor forward(Tensor x, Mode mode) {
        return layers.forward(x, mode);
    }
}
