package dev.marquee.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Offset;

/** Laws that hold for any rows: few enough scores that many are equal, weights of 0 among them. */
class MetricLawsTest {
    private static final String SEED = "20240301";
    private static final Offset<Double> EXACT = within(1e-12);

    @Property(tries = 300, seed = SEED, shrinking = ShrinkingMode.OFF)
    void auc_anyRows_isTheShareOfPairsInOrder(@ForAll long seed, @ForAll @IntRange(min = 2, max = 40) int count) {
        Rows rows = new Rows(seed, count);
        double inOrder = 0;
        double pairs = 0;
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                if (rows.labels[i] == 1 && rows.labels[j] == 0) {
                    double weight = rows.weights[i] * rows.weights[j];
                    pairs += weight;
                    inOrder += weight * (1 + Math.signum(rows.logits[i] - rows.logits[j])) / 2;
                }
            }
        }
        Auc auc = rows.addTo(Auc.exact());
        assertThat(auc.undefined().isEmpty()).isEqualTo(pairs > 0);
        if (pairs > 0) {
            assertThat(auc.value()).isCloseTo(inOrder / pairs, EXACT);
        }
    }

    @Property(tries = 200, seed = SEED, shrinking = ShrinkingMode.OFF)
    void groupedAuc_anyRows_isTheWeightedMeanOfItsGroups(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 60) int count) {
        Rows rows = new Rows(seed, count);
        GroupedAuc grouped = GroupedAuc.exact();
        for (int i = 0; i < count; i++) {
            grouped.add(rows.logits[i], rows.labels[i], rows.weights[i], rows.groups[i]);
        }
        double area = 0;
        double weight = 0;
        for (long group = 0; group < Rows.GROUPS; group++) {
            Auc auc = Auc.exact();
            double mass = 0;
            for (int i = 0; i < count; i++) {
                if (rows.groups[i] == group) {
                    auc.add(rows.logits[i], rows.labels[i], rows.weights[i]);
                    mass += rows.weights[i];
                }
            }
            if (auc.undefined().isEmpty()) {
                area += mass * auc.value();
                weight += mass;
            }
        }
        assertThat(grouped.undefined().isEmpty()).isEqualTo(weight > 0);
        if (weight > 0) {
            assertThat(grouped.value()).isCloseTo(area / weight, EXACT);
        }
    }

    @Property(tries = 200, seed = SEED, shrinking = ShrinkingMode.OFF)
    void auc_scoresThroughAMonotoneMap_staysAndNegatedIsTheComplement(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 60) int count) {
        Rows rows = new Rows(seed, count);
        Auc auc = rows.addTo(Auc.exact());
        Assume.that(auc.undefined().isEmpty());
        Auc mapped = Auc.exact();
        Auc negated = Auc.exact();
        for (int i = 0; i < count; i++) {
            mapped.add(Math.pow(rows.logits[i], 3) - 1e3, rows.labels[i], rows.weights[i]);
            negated.add(-rows.logits[i], rows.labels[i], rows.weights[i]);
        }
        assertThat(mapped.value()).isEqualTo(auc.value());
        assertThat(negated.value()).isCloseTo(1 - auc.value(), EXACT);
    }

    @Property(tries = 200, seed = SEED, shrinking = ShrinkingMode.OFF)
    void values_wholeWeights_areThoseOfRowsGivenAsOften(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int count) {
        Rows rows = new Rows(seed, count);
        ClickMetrics weighted = ClickMetrics.exact(Scale.LOGIT);
        ClickMetrics repeated = ClickMetrics.exact(Scale.LOGIT);
        for (int i = 0; i < count; i++) {
            weighted.add(rows.logits[i], rows.labels[i], rows.weights[i], rows.groups[i]);
            for (int k = 0; k < rows.weights[i]; k++) {
                repeated.add(rows.logits[i], rows.labels[i], 1, rows.groups[i]);
            }
        }
        Assume.that(repeated.rows() > 0);
        assertSame(repeated, weighted);
    }

    @Property(tries = 200, seed = SEED, shrinking = ShrinkingMode.OFF)
    void values_logits_areThoseOfTheirProbabilities(@ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int count) {
        Rows rows = new Rows(seed, count);
        ClickMetrics logits = ClickMetrics.exact(Scale.LOGIT);
        ClickMetrics probabilities = ClickMetrics.exact(Scale.PROBABILITY);
        for (int i = 0; i < count; i++) {
            logits.add(rows.logits[i], rows.labels[i], rows.weights[i], rows.groups[i]);
            probabilities.add(1 / (1 + Math.exp(-rows.logits[i])), rows.labels[i], rows.weights[i], rows.groups[i]);
        }
        assertSame(logits, probabilities);
    }

    @Property(tries = 200, seed = SEED, shrinking = ShrinkingMode.OFF)
    void values_rowsInAnyOrderAndParts_areThose(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int count, @ForAll @IntRange(max = 60) int cut) {
        Rows rows = new Rows(seed, count);
        ClickMetrics all = ClickMetrics.exact(Scale.LOGIT);
        ClickMetrics last = ClickMetrics.exact(Scale.LOGIT);
        ClickMetrics first = ClickMetrics.exact(Scale.LOGIT);
        for (int i = 0; i < count; i++) {
            all.add(rows.logits[i], rows.labels[i], rows.weights[i], rows.groups[i]);
            (i < cut ? first : last).add(rows.logits[i], rows.labels[i], rows.weights[i], rows.groups[i]);
        }
        last.merge(first);
        assertThat(last.rows()).isEqualTo(count);
        assertSame(last, all);
    }

    @Property(tries = 200, seed = SEED, shrinking = ShrinkingMode.OFF)
    void normalizedEntropy_baseRateForEveryRow_isOneAndCalibrationToo(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 60) int count) {
        Rows rows = new Rows(seed, count);
        NormalizedEntropy first = rows.addTo(new NormalizedEntropy(Scale.LOGIT));
        Assume.that(first.undefined().isEmpty());
        ClickMetrics metrics = ClickMetrics.exact(Scale.PROBABILITY);
        for (int i = 0; i < count; i++) {
            metrics.add(first.baseRate(), rows.labels[i], rows.weights[i]);
        }
        Map<String, Double> values = metrics.values();
        assertThat(values.get("normalized_entropy")).isCloseTo(1, EXACT);
        assertThat(values.get("calibration")).isCloseTo(1, EXACT);
        assertThat(values.get("expected_calibration_error")).isCloseTo(0, EXACT);
        assertThat(values.get("auc")).isEqualTo(0.5);
        assertThat(values.get("pr_auc")).isCloseTo(first.baseRate(), EXACT);
    }

    @Property(tries = 200, seed = SEED, shrinking = ShrinkingMode.OFF)
    void binned_fewBins_staysWithinItsErrorBound(
            @ForAll long seed,
            @ForAll @IntRange(min = 2, max = 200) int count,
            @ForAll @IntRange(min = 2, max = 60) int bins) {
        Rows rows = new Rows(seed, count);
        Auc exact = rows.addTo(Auc.exact());
        Assume.that(exact.undefined().isEmpty());
        Auc binned = rows.addTo(Auc.binned(Scale.LOGIT, bins));
        assertThat(binned.value()).isCloseTo(exact.value(), within(binned.errorBound() + 1e-12));
        PrecisionRecallAuc precision = rows.addTo(PrecisionRecallAuc.binned(Scale.LOGIT, bins));
        assertThat(precision.value())
                .isCloseTo(rows.addTo(PrecisionRecallAuc.exact()).value(), within(precision.errorBound() + 1e-12));
    }

    private static void assertSame(ClickMetrics one, ClickMetrics other) {
        assertThat(one.undefined()).isEqualTo(other.undefined());
        Map<String, Double> values = other.values();
        one.values()
                .forEach((name, value) -> assertThat(values.get(name)).as(name).isCloseTo(value, EXACT));
    }

    private static final class Rows {
        static final int GROUPS = 5;

        final double[] logits;
        final double[] labels;
        final double[] weights;
        final long[] groups;

        Rows(long seed, int count) {
            Random random = new Random(seed);
            double scores = 1 + random.nextInt(2 * count);
            double rate = random.nextDouble();
            logits = random.doubles(count)
                    .map(u -> 8 * Math.floor(u * scores) / scores - 4)
                    .toArray();
            labels = random.doubles(count).map(u -> u < rate ? 1 : 0).toArray();
            weights = random.ints(count, 0, 4).asDoubleStream().toArray();
            groups = random.longs(count, 0, GROUPS).toArray();
        }

        <M extends BinaryMetric> M addTo(M metric) {
            for (int i = 0; i < logits.length; i++) {
                metric.add(logits[i], labels[i], weights[i]);
            }
            return metric;
        }
    }
}
