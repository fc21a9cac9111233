package dev.marquee.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RocCurveTest {
    @Test
    void curve_fewScores_hasAllPoints() {
        Auc auc = Auc.exact();
        auc.add(3, 1, 2);
        auc.add(2, 0, 1);
        auc.add(1, 1, 2);
        auc.add(1, 0, 3);
        assertThat(auc.curve().points())
                .containsExactly(new RocPoint(0, 0), new RocPoint(0, 0.5), new RocPoint(0.25, 0.5), new RocPoint(1, 1));
        assertThat(auc.curve().area()).isEqualTo(auc.value());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.0005, 0.05, 0.5, 0.999})
    void curve_manyScores_isThinnedWithoutMovingTheArea(double rate) {
        Auc auc = Auc.exact();
        for (int i = 0; i < 100_000; i++) {
            double score = GeneratedRows.uniform(1, i);
            auc.add(score, GeneratedRows.uniform(2, i) < 2 * rate * score ? 1 : 0);
        }
        assertThinned(auc);
        assertThat(auc.curve().area()).isCloseTo(auc.value(), within(1e-4));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 10, 37, 100, 101, 500, 2500})
    void curve_staircase_isThinnedWithoutMovingTheArea(int height) {
        // Steps that all lie on one side of the diagonal: errors add up.
        Auc auc = Auc.exact();
        for (int i = 0; i < 50_000; i++) {
            auc.add(-i, i / height % 2);
        }
        assertThinned(auc);
    }

    @Test
    void curve_stepsOfRandomSize_isThinnedWithoutMovingTheArea() {
        for (int seed = 0; seed < 30; seed++) {
            Auc auc = Auc.exact();
            double label = 0;
            for (int i = 0; i < 5_000; i++) {
                label = GeneratedRows.uniform(seed, 2L * i) < 0.3 ? 1 - label : label;
                auc.add(-i, label, Math.pow(GeneratedRows.uniform(seed, 2L * i + 1), seed));
            }
            assertThinned(auc);
        }
    }

    private static void assertThinned(Auc auc) {
        List<RocPoint> points = auc.curve().points();
        assertThat(points)
                .hasSizeLessThanOrEqualTo(500)
                .startsWith(new RocPoint(0, 0))
                .endsWith(new RocPoint(1, 1));
        for (int i = 1; i < points.size(); i++) {
            assertThat(points.get(i).falsePositiveRate())
                    .isGreaterThanOrEqualTo(points.get(i - 1).falsePositiveRate());
            assertThat(points.get(i).truePositiveRate())
                    .isGreaterThanOrEqualTo(points.get(i - 1).truePositiveRate());
        }
        assertThat(auc.curve().area()).isCloseTo(auc.value(), within(1e-3));
    }
}
