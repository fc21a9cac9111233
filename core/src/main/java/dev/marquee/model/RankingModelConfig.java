package dev.marquee.model;

import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;

/**
 * A network that ranks the rows of a log: it returns logits, {@code [batch, labels]}; one with members may in training
 * return {@code [batch, members, labels]}.
 */
public sealed interface RankingModelConfig extends ModelConfig
        permits LogisticRegressionConfig,
                FmConfig,
                WideDeepConfig,
                DnnConfig,
                DeepFmConfig,
                DlrmConfig,
                DcnV2Config,
                AutoIntConfig,
                FinalMlpConfig,
                DinConfig,
                BstConfig,
                MmoeConfig,
                PleConfig,
                EsmmConfig {
    /**
     * Builds the network with new parameters.
     *
     * @param path where its parameters live
     * @param layout what the tensors of a batch hold
     * @return the network
     * @throws IllegalArgumentException when the network cannot work with these features, naming what is missing
     */
    Model create(Parameters.Path path, FeatureLayout layout);

    @Override
    default Head head() {
        return Head.LOGITS;
    }
}
