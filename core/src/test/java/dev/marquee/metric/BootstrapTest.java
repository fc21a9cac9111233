package dev.marquee.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class BootstrapTest {
    @Test
    void count_manyUnits_hasThePoissonDistribution() {
        int draws = 200_000;
        int[] seen = new int[20];
        for (int i = 0; i < draws; i++) {
            seen[Bootstrap.count(5, 3, i)]++;
        }
        double chance = Math.exp(-1);
        for (int k = 0; k < 6; k++) {
            assertThat(seen[k] / (double) draws).isCloseTo(chance, within(5 * Math.sqrt(chance / draws)));
            chance /= k + 1;
        }
    }

    @Test
    void intervals_sameSeed_areTheSameAndAnotherSeedDiffers() {
        Map<String, Interval> intervals = rows(1, 500, false, 0).run(50).intervals(0.9);
        assertThat(rows(1, 500, false, 0).run(50).intervals(0.9)).isEqualTo(intervals);
        assertThat(rows(2, 500, false, 0).run(50).intervals(0.9)).isNotEqualTo(intervals);
    }

    @Test
    void intervals_logLoss_isAsWideAsTheStandardErrorSays() {
        int count = 2_000;
        double sum = 0;
        double squares = 0;
        Bootstrap bootstrap = new Bootstrap(Scale.PROBABILITY, 3);
        for (int i = 0; i < count; i++) {
            double p = 0.1 + 0.8 * GeneratedRows.uniform(1, i);
            double label = GeneratedRows.uniform(2, i) < p ? 1 : 0;
            bootstrap.add(p, label, 1);
            double loss = label == 1 ? -Math.log(p) : -Math.log(1 - p);
            sum += loss;
            squares += loss * loss;
        }
        double mean = sum / count;
        double error = Math.sqrt((squares / count - mean * mean) / count);
        Interval interval = bootstrap.run(1000).intervals(0.95).get("log_loss");
        assertThat(interval.low()).isCloseTo(mean - 1.96 * error, within(0.3 * error));
        assertThat(interval.high()).isCloseTo(mean + 1.96 * error, within(0.3 * error));
        assertThat(interval.resamples()).isEqualTo(1000);
        assertThat(interval.contains(mean)).isTrue();
    }

    @Test
    void intervals_groupsOfEqualRows_areWiderThanFromSingleRows() {
        // 25 copies of each row: to draw them one by one pretends to 25 times as much knowledge.
        Bootstrap single = new Bootstrap(Scale.PROBABILITY, 1);
        Bootstrap grouped = new Bootstrap(Scale.PROBABILITY, 1);
        for (int i = 0; i < 5_000; i++) {
            double score = GeneratedRows.uniform(1, i / 25);
            double label = GeneratedRows.uniform(2, i / 25) < score ? 1 : 0;
            single.add(score, label, 1);
            grouped.add(score, label, 1, i / 25);
        }
        Interval narrow = single.run(300).intervals(0.95).get("auc");
        Interval wide = grouped.run(300).intervals(0.95).get("auc");
        assertThat((wide.high() - wide.low()) / (narrow.high() - narrow.low())).isBetween(3.5, 6.5);
    }

    @Test
    void intervals_groupsGiven_haveAllMeasures() {
        Map<String, Interval> intervals = rows(1, 500, true, 0).run(20).intervals(0.9);
        assertThat(intervals.keySet()).containsExactlyInAnyOrderElementsOf(ClickMetrics.NAMES);
    }

    @Test
    void intervals_labelsOfOneClass_lackWhatHasNoValue() {
        Bootstrap bootstrap = new Bootstrap(Scale.LOGIT, 1);
        for (int i = 0; i < 100; i++) {
            bootstrap.add(i, 0, 1);
        }
        assertThat(bootstrap.run(20).intervals(0.9).keySet()).containsExactly("log_loss", "expected_calibration_error");
    }

    @Test
    void difference_sameRows_isNarrowerThanTheIntervals() {
        Resamples better = rows(1, 2_000, false, 0).run(200);
        Resamples worse = rows(1, 2_000, false, 0.2).run(200);
        Interval difference = better.difference(worse, "auc", 0.95).orElseThrow();
        Interval alone = better.intervals(0.95).get("auc");
        assertThat(difference.low()).isPositive();
        assertThat(difference.high() - difference.low()).isLessThan(0.7 * (alone.high() - alone.low()));
        assertThat(better.difference(better, "auc", 0.95)).contains(new Interval(0, 0, 0.95, 200));
        assertThat(better.difference(worse, "gauc", 0.95)).isEmpty();
    }

    @Test
    void run_badArguments_areRefused() {
        assertThatThrownBy(() -> new Bootstrap(Scale.LOGIT, 1).run(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a bootstrap needs at least 2 resamples, not 1");
        Resamples two = rows(1, 50, false, 0).run(2);
        assertThatThrownBy(() -> two.intervals(95))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a level must be between 0 and 1, such as 0.95, not 95.0");
        Resamples three = rows(1, 50, false, 0).run(3);
        assertThatThrownBy(() -> two.difference(three, "auc", 0.95))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the two have 2 and 3 resamples: make both with the same number and seed");
        Bootstrap bootstrap = rows(1, 5, false, 0);
        assertThatThrownBy(() -> bootstrap.add(Double.NaN, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 6: the score is NaN; a probability must be from 0 to 1");
        assertThatThrownBy(() -> bootstrap.add(0.5, 1, 1, 9))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "row 6 has a group, and the rows before have none: give a group with every row or with none");
    }

    private static Bootstrap rows(long seed, int count, boolean groups, double noise) {
        Bootstrap bootstrap = new Bootstrap(Scale.PROBABILITY, seed);
        for (int i = 0; i < count; i++) {
            double p = GeneratedRows.uniform(1, i);
            double label = GeneratedRows.uniform(2, i) < p ? 1 : 0;
            double score = (1 - noise) * p + noise * GeneratedRows.uniform(3, i);
            if (groups) {
                bootstrap.add(score, label, 1, i / 10);
            } else {
                bootstrap.add(score, label, 1);
            }
        }
        return bootstrap;
    }
}
