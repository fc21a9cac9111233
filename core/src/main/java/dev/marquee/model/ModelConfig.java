package dev.marquee.model;

import dev.marquee.config.Section;
import dev.marquee.nn.Parameters;

/** Which network, and what it consists of: the section {@code model} of a recipe. */
public sealed interface ModelConfig extends Section permits PerceptronConfig, PictureAttentionConfig {
    /**
     * Builds the network with new parameters.
     *
     * @param path where its parameters live
     * @return the network
     */
    Model create(Parameters.Path path);
}
