package dev.marquee.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DenseEncodingTest {
    private static final double[] VALUES = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3};

    @Test
    void raw_number_isItselfWithinTheTrainingRange() {
        assertThat(encode(DenseEncoding.RAW, VALUES, 2.5, 9, 1, 100, -100)).containsExactly(2.5f, 9, 1, 9, 1);
    }

    @Test
    void standard_number_hasMeanZeroAndDeviationOne() {
        double mean = Arrays.stream(VALUES).average().orElseThrow();
        double deviation = Math.sqrt(Arrays.stream(VALUES)
                .map(x -> (x - mean) * (x - mean))
                .average()
                .orElseThrow());
        float[] encoded = encode(DenseEncoding.STANDARD, VALUES, 3, 9, 50);
        assertThat((double) encoded[0]).isCloseTo((3 - mean) / deviation, within(1e-6));
        assertThat((double) encoded[1]).isCloseTo((9 - mean) / deviation, within(1e-6));
        assertThat(encoded[2]).isEqualTo(encoded[1]);
    }

    @Test
    void standard_farFromZero_keepsItsPrecision() {
        double[] values = {1e15 + 1, 1e15 + 2, 1e15 + 3};
        assertThat(encode(DenseEncoding.STANDARD, values, values)[2]).isEqualTo((float) Math.sqrt(1.5));
    }

    @Test
    void signedLog_number_isThatOfItsLogarithm() {
        double[] values = {-100, -1, 0, 10, 1e30};
        double[] logs = Arrays.stream(values)
                .map(x -> Math.signum(x) * Math.log(1 + Math.abs(x)))
                .toArray();
        double mean = Arrays.stream(logs).average().orElseThrow();
        double deviation = Math.sqrt(
                Arrays.stream(logs).map(x -> (x - mean) * (x - mean)).average().orElseThrow());
        float[] encoded = encode(DenseEncoding.SIGNED_LOG, values, values);
        for (int i = 0; i < values.length; i++) {
            assertThat((double) encoded[i]).isCloseTo((logs[i] - mean) / deviation, within(1e-6));
        }
    }

    @Test
    void quantile_number_isTheShareOfTrainingRowsBelow() {
        double[] values = new double[101];
        Arrays.setAll(values, i -> i * i);
        // Four bins: the edges are the values number 0, 25, 50, 75 and 100.
        float[] encoded = encode(DenseEncoding.QUANTILE, values, 0, 625, 2500, 10_000, 1562.5, -1, 1e9);
        assertThat(encoded).containsExactly(0, 0.25f, 0.5f, 1, 0.375f, 0, 1);
    }

    @Test
    void quantile_frequentNumber_isInTheMiddleOfItsShares() {
        double[] values = new double[100];
        Arrays.fill(values, 80, 100, 7);
        // Zeros are the rows 0 to 79, in their middle 39.5; sevens 80 to 99.
        float[] encoded = encode(DenseEncoding.QUANTILE, values, 0, 7, 3.5);
        assertThat(encoded).containsExactly((float) (39.5 / 99), (float) (89.5 / 99), (float) (64.5 / 99));
    }

    @Test
    void piecewiseLinear_number_fillsTheBinsBelowIt() {
        double[] values = new double[101];
        Arrays.setAll(values, i -> i * i);
        float[] encoded = encode(DenseEncoding.PIECEWISE_LINEAR, values, 0, 625, 1562.5, 10_000, -5, 1e9);
        assertThat(encoded)
                .containsExactly(
                        0, 0, 0, 0, //
                        1, 0, 0, 0, //
                        1, 0.5f, 0, 0, //
                        1, 1, 1, 1, //
                        0, 0, 0, 0, //
                        1, 1, 1, 1);
    }

    @Test
    void piecewiseLinear_randomNumbers_areThoseOfTheFormula() {
        Random random = new Random(11);
        double[] values = random.doubles(777, -3, 8).map(Math::floor).toArray();
        double[] edges = DenseBinsTest.brute(values, 4);
        double[] asked = random.doubles(500, -4, 9).toArray();
        float[] encoded = encode(DenseEncoding.PIECEWISE_LINEAR, values, asked);
        int bins = edges.length - 1;
        for (int i = 0; i < asked.length; i++) {
            for (int bin = 0; bin < bins; bin++) {
                double part = (asked[i] - edges[bin]) / (edges[bin + 1] - edges[bin]);
                assertThat((double) encoded[i * bins + bin]).isCloseTo(Math.max(0, Math.min(1, part)), within(1e-6));
            }
        }
    }

    @Test
    void everyEncoding_constantColumn_isConstant() {
        double[] constant = {5, 5, 5};
        assertThat(encode(DenseEncoding.RAW, constant, 5, 9)).containsExactly(5, 5);
        assertThat(encode(DenseEncoding.STANDARD, constant, 5, 9)).containsExactly(0, 0);
        assertThat(encode(DenseEncoding.SIGNED_LOG, constant, 5, 9)).containsExactly(0, 0);
        assertThat(encode(DenseEncoding.QUANTILE, constant, 5, 9)).containsExactly(0.5f, 0.5f);
        assertThat(encode(DenseEncoding.PIECEWISE_LINEAR, constant, 5, 9)).containsExactly(0, 0);
    }

    @Test
    void missing_whereTheTrainingRowsLackAny_hasAnIndicator() {
        FeatureSchema schema = Logs.fit(
                Logs.config(
                        Logs.dense("r", DenseEncoding.RAW),
                        Logs.dense("s", DenseEncoding.STANDARD),
                        Logs.dense("q", DenseEncoding.QUANTILE)),
                Logs.labelled(
                        "r", Logs.doublesWithNulls(1.0, null, 3.0, 5.0),
                        "s", Logs.texts("1", "x", "", "5"),
                        "q", Logs.doubles(1, Double.NaN, Double.POSITIVE_INFINITY, 1e300)));
        assertThat(schema.layout().dense())
                .containsExactly(
                        new FeatureLayout.Dense("r", 0, 2),
                        new FeatureLayout.Dense("s", 2, 2),
                        new FeatureLayout.Dense("q", 4, 2));
        RawChunk missing = Logs.chunk(
                "r", Logs.doublesWithNulls(null, 5.0), "s", Logs.texts(null, "5"), "q", Logs.doubles(1e39, 1));
        assertThat(schema.encode(missing).dense()).containsExactly(3, 1, 0, 1, 0.5f, 1, 5, 0, 1, 0, 0.5f, 0);
    }

    @Test
    void missing_whereTheTrainingRowsLackNone_isTheMiddleOfTheRest() {
        double[] values = new double[101];
        Arrays.setAll(values, i -> i * i);
        assertThat(encode(DenseEncoding.RAW, VALUES, Double.NaN)[0]).isEqualTo(3.9f);
        assertThat(encode(DenseEncoding.STANDARD, VALUES, Double.NaN)).containsExactly(0);
        assertThat(encode(DenseEncoding.SIGNED_LOG, VALUES, Double.NaN)).containsExactly(0);
        assertThat(encode(DenseEncoding.QUANTILE, VALUES, Double.NaN)).containsExactly(0.5f);
        assertThat(encode(DenseEncoding.PIECEWISE_LINEAR, values, Double.NaN)).containsExactly(1, 1, 0, 0);
    }

    @Test
    void missing_asked_isTold() {
        RawChunk rows = Logs.labelled("a", Logs.doublesWithNulls(1.0, null), "b", Logs.doubles(1, 2));
        FeatureSchema schema = Logs.fit(
                Logs.config(
                        Logs.dense("a", DenseEncoding.RAW, 4, Optional.of(false)),
                        Logs.dense("b", DenseEncoding.RAW, 4, Optional.of(true))),
                rows);
        assertThat(schema.encode(rows).dense()).containsExactly(1, 1, 0, 1, 2, 0);
    }

    @Test
    void strict_whatIsNoNumber_isRefusedWithItsPlace() {
        SchemaConfig config = Logs.config(true, Logs.dense("age", DenseEncoding.STANDARD));
        FeatureSchema schema = Logs.fit(config, Logs.labelled("age", Logs.texts("1", null, "", "4")));
        assertThatThrownBy(() -> schema.encode(Logs.chunk("age", Logs.texts("5", "old"))))
                .isInstanceOf(RowException.class)
                .hasMessage("clicks.csv, row 2, column age: \"old\" is not a finite number: correct it, or leave strict"
                        + " off to count it as missing");
        assertThatThrownBy(() -> schema.encode(Logs.chunk("age", Logs.doubles(Double.NaN))))
                .hasMessageContaining("row 1, column age: NaN is not a finite number");
        assertThatThrownBy(() -> Logs.fit(config, Logs.labelled("age", Logs.doubles(1, Double.NEGATIVE_INFINITY))))
                .hasMessageContaining("row 2, column age: -Infinity is not a finite number");
        assertThat(schema.encode(Logs.chunk("age", Logs.texts(null, " "))).dense())
                .containsExactly(0, 1, 0, 1);
    }

    @Test
    void dense_columnWithoutAnyNumber_isRefused() {
        SchemaConfig config = Logs.config(Logs.dense("city", DenseEncoding.RAW));
        assertThatThrownBy(() -> Logs.fit(config, Logs.labelled("city", Logs.texts("Ulm", "Bonn", null))))
                .isInstanceOf(RowException.class)
                .hasMessage("column city of the dense feature city holds no number in any of 3 training rows: make the"
                        + " feature categorical, or leave it out");
        FeatureSchema empty = Logs.fit(config, Logs.labelled("city", Logs.texts(null, null)));
        assertThat(empty.encode(Logs.chunk("city", Logs.texts("7"))).dense()).containsExactly(0, 0);
    }

    @Test
    void dense_listColumn_isRefused() {
        assertThatThrownBy(() -> Logs.fit(
                        Logs.config(Logs.dense("tags", DenseEncoding.RAW)),
                        Logs.labelled("tags", Logs.lists(null, null))))
                .hasMessage("clicks.csv, column tags holds lists, but a dense feature needs one number: use kind bag or"
                        + " sequence");
    }

    @Test
    void quantiles_ofMoreRowsThanTheReservoirHolds_areNearTheTruth() {
        DenseLearner learner = new DenseLearner(Logs.dense("x", DenseEncoding.QUANTILE, 10, Optional.empty()));
        int rows = DenseLearner.RESERVOIR / 2;
        double[] values = new double[rows];
        boolean[] selected = new boolean[rows];
        Arrays.fill(selected, true);
        for (int chunk = 0; chunk < 5; chunk++) {
            for (int i = 0; i < rows; i++) {
                values[i] = (double) chunk * rows + i;
            }
            learner.add(values, selected, 0);
        }
        double[] edges = learner.fit().edges();
        assertThat(edges[0]).isZero();
        assertThat(edges[10]).isEqualTo(5.0 * rows - 1);
        for (int i = 1; i < 10; i++) {
            assertThat(edges[i]).isCloseTo(i * rows / 2.0, within(rows * 0.015));
        }
    }

    private static float[] encode(DenseEncoding encoding, double[] training, double... asked) {
        FeatureSchema schema =
                Logs.fit(Logs.config(Logs.dense("x", encoding)), Logs.labelled("x", Logs.doubles(training)));
        return schema.encode(Logs.chunk("x", Logs.doubles(asked))).dense();
    }
}
