package dev.marquee.schema;

import dev.marquee.config.Section;

/** One feature of a log: how a column becomes numbers. Chosen by {@code kind}. */
public sealed interface FeatureConfig extends Section
        permits DenseFeature, CategoricalFeature, BagFeature, SequenceFeature {
    /**
     * The name by which models and reports know the feature.
     *
     * @return unique in a schema
     */
    String name();
}
