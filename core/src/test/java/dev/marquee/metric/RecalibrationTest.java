package dev.marquee.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares with what scikit-learn fitted (see {@code parity/record_recalibration.py}), and checks laws. */
final class RecalibrationTest {
    private static final int MANY = 1_000_000;

    static Stream<Arguments> cases() throws IOException {
        try (InputStream file =
                Objects.requireNonNull(RecalibrationTest.class.getResourceAsStream("recalibration.json"))) {
            return StreamSupport.stream(
                            new ObjectMapper().readTree(file).get("cases").spliterator(), false)
                    .map(entry -> Arguments.of(entry.get("name").textValue(), entry));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void platt_recordedRows_agreesWithScikitLearn(String name, JsonNode recorded) {
        JsonNode expected = recorded.get("expected");
        double slope = expected.get("slope").doubleValue();
        double intercept = expected.get("intercept").doubleValue();
        Platt fitted = Platt.fit(rows(recorded));
        assertThat(fitted.slope()).isCloseTo(slope, within(1e-9 * Math.max(1, Math.abs(slope))));
        assertThat(fitted.intercept()).isCloseTo(intercept, within(1e-9 * Math.max(1, Math.abs(intercept))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void isotonic_recordedRows_agreesWithScikitLearn(String name, JsonNode recorded) {
        JsonNode expected = recorded.get("expected");
        Isotonic fitted = Isotonic.fit(rows(recorded));
        assertThat(fitted.logits()).hasSize(expected.get("corners").intValue());
        for (JsonNode point : expected.get("points")) {
            double probability =
                    Scale.LOGIT.probability(fitted.apply(point.get(0).doubleValue()));
            assertThat(probability).isCloseTo(point.get(1).doubleValue(), within(1e-9));
        }
    }

    @Test
    void platt_scoresTwiceTooFarFromZero_halvesThem() {
        LabelledScores rows = drawn(200_000, 2, 0.5);
        Platt fitted = Platt.fit(rows);
        assertThat(fitted.slope()).isCloseTo(0.5, within(0.01));
        assertThat(fitted.intercept()).isCloseTo(-0.25, within(0.02));
        assertThat(rows.expectedError(fitted)).isLessThan(0.1 * rows.expectedError(Platt.IDENTITY));
    }

    @Test
    void platt_separableRows_staysFinite() {
        LabelledScores rows = new LabelledScores(MANY);
        for (int i = 1; i <= 50; i++) {
            rows.add(1e3 * i, 1, 1);
            rows.add(-1e3 * i, 0, 1);
        }
        Platt fitted = Platt.fit(rows);
        assertThat(fitted.slope()).isPositive().isFinite();
        assertThat(fitted.intercept()).isCloseTo(0, within(1e-9));
    }

    @Test
    void platt_oneScoreForAllRows_movesItToTheBaseRateOfTheTargets() {
        LabelledScores rows = new LabelledScores(MANY);
        for (int i = 0; i < 100; i++) {
            rows.add(3, i < 20 ? 1 : 0, 1);
        }
        Platt fitted = Platt.fit(rows);
        double rate = (20 * 21.0 / 22 + 80 / 82.0) / 100;
        assertThat(fitted.slope()).isEqualTo(1);
        assertThat(Scale.LOGIT.probability(fitted.apply(3))).isCloseTo(rate, within(1e-12));
    }

    @Test
    void isotonic_sixRowsByHand_poolsViolatorsAndInterpolatesBetweenThem() {
        LabelledScores rows = new LabelledScores(MANY);
        double[] labels = {0, 1, 0, 0, 1, 1};
        for (int i = 0; i < labels.length; i++) {
            rows.add(i, labels[i], 1);
        }
        // Blocks 0 | 1 0 0 | 1 1, with 0 and 1 pulled in to 1/5 and 4/5.
        Isotonic fitted = Isotonic.fit(rows);
        assertThat(fitted.logits()).containsExactly(0, 1, 3, 4, 5);
        assertThat(fitted.probabilities()).containsExactly(0.2, 1.0 / 3, 1.0 / 3, 0.8, 0.8);
        assertThat(Scale.LOGIT.probability(fitted.apply(3.5))).isCloseTo((1.0 / 3 + 0.8) / 2, within(1e-12));
        assertThat(Scale.LOGIT.probability(fitted.apply(-100))).isCloseTo(0.2, within(1e-12));
        assertThat(Scale.LOGIT.probability(fitted.apply(Double.POSITIVE_INFINITY)))
                .isCloseTo(0.8, within(1e-12));
        assertThat(fitted.apply(Double.NaN)).isNaN();
    }

    @Test
    void fit_weightsInAnotherUnit_givesTheSameMap() {
        LabelledScores small = new LabelledScores(MANY);
        LabelledScores large = new LabelledScores(MANY);
        Random random = new Random(5);
        for (int i = 0; i < 500; i++) {
            double logit = random.nextGaussian();
            double label = random.nextDouble() < Scale.LOGIT.probability(logit) ? 1 : 0;
            double weight = random.nextDouble();
            small.add(logit, label, weight * 1e-6);
            large.add(logit, label, weight * 1e6);
        }
        assertThat(Platt.fit(small).slope()).isCloseTo(Platt.fit(large).slope(), within(1e-10));
        assertThat(Isotonic.fit(small).apply(-9)).isCloseTo(Isotonic.fit(large).apply(-9), within(1e-10));
    }

    @Test
    void fit_oneClassOnly_isRefusedWithTheReason() {
        LabelledScores rows = new LabelledScores(MANY);
        assertThatThrownBy(() -> Isotonic.fit(rows))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("needs rows with a weight above 0");
        rows.add(1, 0, 1);
        rows.add(2, 1, 0);
        assertThat(rows.rows()).isEqualTo(1);
        assertThatThrownBy(() -> Platt.fit(rows)).hasMessage("calibration needs labels of 1, and all are 0");
    }

    @Test
    void add_moreRowsThanAreHeld_keepsAnEvenPartOfThem() {
        LabelledScores rows = new LabelledScores(100);
        for (int i = 0; i < 1000; i++) {
            rows.add(i, i % 16 == 0 && i % 32 != 0 ? 1 : 0, 1);
        }
        // Every sixteenth of them, and every second of these is of label 1.
        assertThat(rows.rows()).isEqualTo(63);
        LabelledScores.Pooled held = rows.pooled();
        assertThat(held.logits()).startsWith(0, 16, 32).endsWith(976, 992);
        assertThat(held.positives()).isEqualTo(31);
        assertThat(held.negatives()).isEqualTo(32);
    }

    @Test
    void add_numbersThatCannotBeUsed_areRefusedWithTheRow() {
        LabelledScores rows = new LabelledScores(100);
        rows.add(1, 0, 1);
        assertThatThrownBy(() -> rows.add(Double.NaN, 0, 1)).hasMessageContaining("row 2: the score is NaN");
        assertThatThrownBy(() -> rows.add(1, 2, 1)).hasMessageContaining("a label must be 0 or 1");
        assertThatThrownBy(() -> new LabelledScores(1)).hasMessage("at least 2 rows must be held, not 1");
    }

    @Test
    void new_numbersThatMakeNoMap_areRefused() {
        assertThatThrownBy(() -> new Platt(Double.NaN, 0))
                .hasMessage("slope and intercept must be finite, not NaN and 0.0");
        assertThatThrownBy(() -> new Isotonic(new double[0], new double[0])).hasMessageContaining("at least one");
        assertThatThrownBy(() -> new Isotonic(new double[] {1, 1}, new double[] {0.1, 0.2}))
                .hasMessage("logits must be finite and ascending; number 1 is 1.0");
        assertThatThrownBy(() -> new Isotonic(new double[] {1, 2}, new double[] {0.3, 0.2}))
                .hasMessage("probabilities must be above 0, below 1 and never fall; number 1 is 0.2");
        assertThatThrownBy(() -> new Isotonic(new double[] {1}, new double[] {0}))
                .hasMessageContaining("number 0 is 0.0");
    }

    private static LabelledScores rows(JsonNode recorded) {
        GeneratedRows generated = new GeneratedRows(recorded.get("rows"));
        LabelledScores rows = new LabelledScores(MANY);
        for (int i = 0; i < generated.scores.length; i++) {
            rows.add(generated.scores[i], generated.labels[i], generated.weights[i]);
        }
        return rows;
    }

    /** Scores are stretch · z + shift for rows whose true log-odds are z. */
    private static LabelledScores drawn(int count, double stretch, double shift) {
        LabelledScores rows = new LabelledScores(MANY);
        Random random = new Random(7);
        for (int i = 0; i < count; i++) {
            double logit = random.nextGaussian();
            rows.add(stretch * logit + shift, random.nextDouble() < Scale.LOGIT.probability(logit) ? 1 : 0, 1);
        }
        return rows;
    }
}
