package dev.marquee.data;

import dev.marquee.schema.CategoricalFeature;
import dev.marquee.schema.DenseEncoding;
import dev.marquee.schema.DenseFeature;
import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.LabelConfig;
import dev.marquee.schema.SchemaConfig;
import dev.marquee.schema.SequenceFeature;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The features of the simulated log. */
final class SimulatedSchema {
    private static final List<String> CATEGORIES = List.of(
            "user_id",
            "age",
            "country",
            "device",
            "ad_id",
            "advertiser",
            "topic",
            "creative",
            "publisher",
            "position",
            "hour",
            "weekday");

    private SimulatedSchema() {}

    static SchemaConfig of(SimulatedConfig.Labels labels) {
        List<FeatureConfig> features = new ArrayList<>();
        for (String name : CATEGORIES) {
            features.add(new CategoricalFeature(
                    name, Optional.empty(), Optional.empty(), 2, Optional.empty(), Optional.empty()));
        }
        dense(features, DenseEncoding.SIGNED_LOG, "price", "campaign_age", "user_impressions", "user_clicks");
        dense(features, DenseEncoding.STANDARD, "user_click_rate", "ad_click_rate");
        dense(features, DenseEncoding.SIGNED_LOG, "ad_views", "advertiser_views");
        sequence(features, "history_ads", "ad_id");
        sequence(features, "history_topics", "topic");
        sequence(features, "history_advertisers", "advertiser");
        List<LabelConfig> predicted = new ArrayList<>(List.of(LabelConfig.of("click")));
        if (labels == SimulatedConfig.Labels.CLICK_AND_CONVERSION) {
            predicted.add(LabelConfig.of("conversion"));
        }
        return new SchemaConfig(
                features, predicted, Optional.empty(), Optional.of("user_id"), Optional.of("time"), false);
    }

    private static void dense(List<FeatureConfig> features, DenseEncoding encoding, String... names) {
        for (String name : names) {
            features.add(new DenseFeature(name, Optional.empty(), encoding, 32, Optional.empty()));
        }
    }

    private static void sequence(List<FeatureConfig> features, String name, String target) {
        SequenceFeature usual = SequenceFeature.DEFAULT;
        features.add(new SequenceFeature(
                name,
                usual.columns(),
                usual.separator(),
                Optional.of(target),
                Optional.empty(),
                usual.minimumCount(),
                Optional.empty(),
                Optional.empty(),
                usual.maximumLength(),
                usual.keep(),
                usual.history()));
    }
}
