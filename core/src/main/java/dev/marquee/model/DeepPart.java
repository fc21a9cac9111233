package dev.marquee.model;

import dev.marquee.config.Faults;
import dev.marquee.nn.EnsemblePerceptron;
import dev.marquee.nn.HiddenLayers;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import java.util.List;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;

/** The hidden layers of a network that may have members: {@link HiddenLayers}, or an {@link EnsemblePerceptron}. */
final class DeepPart {
    private final int outputs;
    private final Layers layers;

    private DeepPart(int outputs, Layers layers) {
        this.outputs = outputs;
        this.layers = layers;
    }

    private interface Layers {
        Tensor forward(Tensor x, Mode mode);
    }

    /** Layers that give {@code [batch, outputs()]} for one member, {@code [batch, members, outputs()]} for several. */
    static DeepPart create(Parameters.Path path, int inputs, HiddenLayers.Config config, int members) {
        if (members == 1) {
            HiddenLayers one = HiddenLayers.create(path, inputs, config);
            return new DeepPart(one.outputs(), one::forward);
        }
        EnsemblePerceptron several = EnsemblePerceptron.create(path, inputs, config, members);
        return new DeepPart(several.outputs(), several::forward);
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
