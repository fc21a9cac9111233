package dev.marquee.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class ClickMetricsTest {
    @Test
    void values_bothLabelsAndGroups_haveAllNamesInOrder() {
        ClickMetrics metrics = ClickMetrics.exact(Scale.PROBABILITY);
        metrics.add(new float[] {0.25f, 0.75f, 0.5f}, new float[] {0, 1, 0}, null, new long[] {7, 7, 7});
        assertThat(metrics.values().keySet()).containsExactlyElementsOf(ClickMetrics.NAMES);
        assertThat(metrics.undefined()).isEmpty();
        assertThat(metrics.values()).contains(entry("auc", 1.0), entry("gauc", 1.0), entry("calibration", 1.5));
        assertThat(metrics.rows()).isEqualTo(3);
        assertThat(metrics.baseRate()).hasValue(1.0 / 3);
    }

    @Test
    void values_labelsAllZero_lackWhatNeedsAClickAndSayWhy() {
        ClickMetrics metrics = ClickMetrics.streaming(Scale.PROBABILITY);
        metrics.add(0.5, 0, 1, 1);
        metrics.add(0.25, 0, 1, 2);
        assertThat(metrics.values().keySet()).containsExactly("log_loss", "expected_calibration_error");
        assertThat(metrics.undefined())
                .containsExactly(
                        entry("auc", "an area under the ROC curve needs labels of 1, and all are 0"),
                        entry("gauc", "a grouped AUC needs a group with both labels, and each of the 2 has one only"),
                        entry("pr_auc", "an average precision needs labels of 1, and all are 0"),
                        entry("normalized_entropy", "a normalized entropy needs labels of 1, and all are 0"),
                        entry("calibration", "calibration needs labels of 1, and all are 0"));
    }

    @Test
    void values_labelsAllOne_lackWhatNeedsBothLabels() {
        ClickMetrics metrics = ClickMetrics.exact(Scale.LOGIT);
        metrics.add(0, 1, 1);
        assertThat(metrics.values())
                .containsExactly(
                        entry("pr_auc", 1.0),
                        entry("log_loss", Math.log(2)),
                        entry("calibration", 0.5),
                        entry("expected_calibration_error", 0.5));
        assertThat(metrics.undefined())
                .containsExactly(
                        entry("auc", "an area under the ROC curve needs both labels, and all are 1"),
                        entry("gauc", "no groups were given"),
                        entry("normalized_entropy", "a normalized entropy needs both labels, and all are 1"));
    }

    @Test
    void values_noRowWithAWeight_areNoneAndSayWhy() {
        ClickMetrics metrics = ClickMetrics.exact(Scale.LOGIT);
        metrics.add(0, 1, 0);
        assertThat(metrics.values()).isEmpty();
        assertThat(metrics.undefined().keySet()).containsExactlyElementsOf(ClickMetrics.NAMES);
        assertThat(metrics.undefined())
                .containsEntry("log_loss", "a log loss needs rows with a weight above 0, and there are none");
        assertThat(metrics.calibrationBins()).isEmpty();
        assertThat(metrics.baseRate()).isEmpty();
    }

    @Test
    void values_readTwiceWithRowsBetween_countTheNewRows() {
        ClickMetrics metrics = ClickMetrics.exact(Scale.LOGIT);
        metrics.add(1, 1, 1, 1);
        metrics.add(0, 0, 1, 1);
        assertThat(metrics.values()).contains(entry("auc", 1.0), entry("gauc", 1.0));
        metrics.add(-1, 1, 1, 1);
        assertThat(metrics.values()).contains(entry("auc", 0.5), entry("gauc", 0.5));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LOGIT | NaN | 1 | 1 | row 2: the score is NaN; a score must be a finite number",
                "LOGIT | -Infinity | 1 | 1 | row 2: the score is -Infinity; a score must be a finite number",
                "PROBABILITY | 1.5 | 1 | 1 | row 2: the score is 1.5; a probability must be from 0 to 1",
                "PROBABILITY | NaN | 1 | 1 | row 2: the score is NaN; a probability must be from 0 to 1",
                "LOGIT | 0 | 0.5 | 1 | row 2: the label is 0.5; a label must be 0 or 1",
                "LOGIT | 0 | NaN | 1 | row 2: the label is NaN; a label must be 0 or 1",
                "LOGIT | 0 | 1 | -1 | row 2: the weight is -1.0; a weight must be a finite number of at least 0",
                "LOGIT | 0 | 1 | NaN | row 2: the weight is NaN; a weight must be a finite number of at least 0",
                "LOGIT | 0 | 1 | Infinity | row 2: the weight is Infinity; a weight must be a finite number of at least 0"
            })
    void add_badValue_namesRowAndValueAndAddsNothing(
            Scale scale, double score, double label, double weight, String message) {
        ClickMetrics all = ClickMetrics.exact(scale);
        all.add(0.5, 1, 1);
        assertThatThrownBy(() -> all.add(score, label, weight))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThat(all.rows()).isEqualTo(1);
        assertThat(all.values()).containsEntry("pr_auc", 1.0);

        for (BinaryMetric metric : List.of(
                Auc.binned(scale),
                PrecisionRecallAuc.binned(scale),
                new LogLoss(scale),
                new NormalizedEntropy(scale),
                Calibration.exact(scale),
                new BinaryAccuracy(scale))) {
            metric.add(0.5, 1);
            assertThatThrownBy(() -> metric.add(score, label, weight))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
            assertThat(metric.rows()).isEqualTo(1);
        }
    }

    @Test
    void value_nothingAdded_throwsTheReason() {
        List<String> reasons = new ArrayList<>();
        for (BinaryMetric metric : List.of(
                Auc.exact(),
                PrecisionRecallAuc.exact(),
                new LogLoss(Scale.LOGIT),
                new NormalizedEntropy(Scale.LOGIT),
                Calibration.exact(Scale.LOGIT),
                new BinaryAccuracy(Scale.LOGIT))) {
            reasons.add(metric.undefined().orElseThrow());
            assertThatThrownBy(metric::value)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(metric.undefined().orElseThrow());
        }
        assertThat(reasons)
                .allMatch(reason -> reason.endsWith(" needs rows with a weight above 0, and there are none"));
    }

    @Test
    void add_someRowsWithoutAGroup_isRefused() {
        ClickMetrics metrics = ClickMetrics.exact(Scale.LOGIT);
        metrics.add(0, 1, 1);
        assertThatThrownBy(() -> metrics.add(0, 1, 1, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "row 2 has a group, and the rows before have none: give a group with every row or with none");
    }

    @Test
    void add_arraysOfDifferentLengths_areRefused() {
        assertThatThrownBy(() -> ClickMetrics.exact(Scale.LOGIT).add(new float[2], new float[3], null, new long[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("scores, labels, weights and groups must have one length, not 2, 3, none and 2");
        assertThatThrownBy(() -> Auc.exact().add(new float[2], new float[2], new float[1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("scores, labels and weights must have one length, not 2, 2 and 1");
    }

    @Test
    void merge_madeDifferently_isRefusedAndAddsNothing() {
        ClickMetrics metrics = ClickMetrics.exact(Scale.LOGIT);
        ClickMetrics streaming = ClickMetrics.streaming(Scale.LOGIT);
        streaming.add(0, 1, 1);
        assertThatThrownBy(() -> metrics.merge(streaming))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an exact metric cannot be merged with a binned one: make both alike");
        ClickMetrics probabilities = ClickMetrics.exact(Scale.PROBABILITY);
        probabilities.add(0, 1, 1);
        assertThatThrownBy(() -> metrics.merge(probabilities))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a metric over LOGIT cannot be merged with one over PROBABILITY: make both with the same"
                        + " scale");
        assertThatThrownBy(() -> Auc.binned(Scale.LOGIT, 64).merge(Auc.binned(Scale.LOGIT, 32)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a metric of 64 bins cannot be merged with one of 32: make both alike");
        assertThat(metrics.rows()).isZero();
        assertThat(metrics.values()).isEmpty();
    }

    @Test
    void merge_withItself_countsEveryRowTwice() {
        ClickMetrics metrics = ClickMetrics.exact(Scale.LOGIT);
        for (int i = 0; i < 3000; i++) {
            metrics.add(i % 17, i % 3 == 0 ? 1 : 0, 1, i % 5);
        }
        var before = metrics.values();
        metrics.merge(metrics);
        assertThat(metrics.rows()).isEqualTo(6000);
        metrics.values().forEach((name, value) -> assertThat(value).isCloseTo(before.get(name), within(1e-12)));
    }

    @ParameterizedTest
    @EnumSource(Scale.class)
    void logLoss_wrongWithCertainty_isAsLargeAsDocumented(Scale scale) {
        LogLoss loss = new LogLoss(scale);
        loss.add(scale == Scale.LOGIT ? 1000 : 1, 0);
        loss.add(scale == Scale.LOGIT ? -1000 : 0, 1);
        assertThat(loss.value()).isCloseTo(scale == Scale.LOGIT ? 1000 : 52 * Math.log(2), within(1e-12));
    }

    @Test
    void bins_outOfRange_areRefused() {
        assertThatThrownBy(() -> Auc.binned(Scale.LOGIT, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bins must be from 2 to 16777216, not 1");
        assertThatThrownBy(() -> Calibration.exact(Scale.LOGIT, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("calibration bins must be from 1 to 10000, not 0");
    }
}
