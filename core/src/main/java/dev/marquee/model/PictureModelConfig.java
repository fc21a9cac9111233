package dev.marquee.model;

import dev.marquee.nn.Parameters;

/** A network that classifies pictures. */
public sealed interface PictureModelConfig extends ModelConfig permits PerceptronConfig, PictureAttentionConfig {
    /**
     * Builds the network with new parameters.
     *
     * @param path where its parameters live
     * @return the network
     */
    Model create(Parameters.Path path);
}
