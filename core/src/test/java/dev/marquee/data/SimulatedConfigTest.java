package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.config.ConfigException;
import dev.marquee.metric.ClickMetrics;
import dev.marquee.metric.Scale;
import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.LabelConfig;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SimulatedConfigTest {
    private static SimulatedConfig small(SimulatedConfig.Labels labels) {
        return new SimulatedConfig(400, 100, 20_000, 50, 200, 1, labels, 32, true, Optional.empty(), 2);
    }

    @Test
    void schema_click_hasAllFeaturesAndNoTruth() {
        var schema = small(SimulatedConfig.Labels.CLICK).schema();
        assertThat(schema.labels()).extracting(LabelConfig::name).containsExactly("click");
        assertThat(schema.group()).contains("user_id");
        assertThat(schema.time()).contains("time");
        assertThat(schema.features())
                .hasSize(23)
                .extracting(FeatureConfig::name)
                .noneMatch(name -> name.startsWith("true_") || name.startsWith("conversion") || name.equals("click"));
        assertThat(SimulatedConfig.DEFAULT.trainingStream().columns())
                .containsAll(schema.features().stream().map(FeatureConfig::name).toList());
    }

    @Test
    void schema_clickAndConversion_hasBothLabels() {
        var schema = small(SimulatedConfig.Labels.CLICK_AND_CONVERSION).schema();
        assertThat(schema.labels()).extracting(LabelConfig::name).containsExactly("click", "conversion");
    }

    @Test
    void streams_follow_eachOtherInOneLog() {
        SimulatedConfig config = small(SimulatedConfig.Labels.CLICK);
        assertThat(config.trainingStream().description()).startsWith("simulated impressions 1 to 400 of 20,500");
        assertThat(config.validationStream().description()).startsWith("simulated impressions 401 to 500 of 20,500");
        assertThat(config.testStream().description()).startsWith("simulated impressions 501 to 20,500 of 20,500");
    }

    @Test
    void testTruth_measured_isTheBestThereIs() {
        ClickMetrics truth = ClickMetrics.exact(Scale.PROBABILITY);
        ClickMetrics worse = ClickMetrics.exact(Scale.PROBABILITY);
        small(SimulatedConfig.Labels.CLICK_AND_CONVERSION)
                .testTruth()
                .orElseThrow()
                .each((probabilities, labels, group) -> {
                    assertThat(probabilities).hasSize(2);
                    assertThat(probabilities[1]).isLessThanOrEqualTo(probabilities[0]);
                    truth.add(probabilities[0], labels[0], 1, group);
                    worse.add(0.7 * probabilities[0] + 0.02, labels[0], 1, group);
                });
        assertThat(truth.values().get("log_loss")).isLessThan(worse.values().get("log_loss"));
        assertThat(truth.values().get("auc")).isGreaterThan(0.7);
    }

    @Test
    void config_numbersOutOfRange_areRefused() {
        assertThatThrownBy(() -> new SimulatedConfig(
                        0, 1, 1, 0, 9_000_000, 1, SimulatedConfig.Labels.CLICK, 1, true, Optional.empty(), 1))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("rows    0 is not a positive number")
                .hasMessageContaining("users   0 is not between 1 and 5000000")
                .hasMessageContaining("ads     9000000 is not between 1 and 5000000");
    }
}
