package dev.marquee.model;

import dev.marquee.config.Section;
import java.util.Optional;

/** Which network, and what it consists of: the section {@code model} of a recipe. */
public sealed interface ModelConfig extends Section permits PictureModelConfig, RankingModelConfig {
    /**
     * What the network's outputs are.
     *
     * @return logits or probabilities
     */
    Head head();

    /**
     * A file with initial weights.
     *
     * @return a safetensors file that must hold exactly the network's tensors; empty to draw them
     */
    Optional<String> initFrom();

    /**
     * The network in words.
     *
     * @return such as {@code perceptron 784-512-128-10, relu, logits}
     */
    String describe();

    /**
     * How many threads the network's operators should use, matrix products left out.
     *
     * @param threads how many there are, at least 1
     * @return 1 where the operators are so small that waking threads takes longer than the work
     */
    default int operatorThreads(int threads) {
        return threads;
    }

    /**
     * How many rows of a sample go through the larger part of the weights.
     *
     * @return 1 for most networks; the length of a sequence whose places all do
     */
    default int positions() {
        return 1;
    }
}
