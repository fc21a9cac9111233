package dev.marquee.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DenseBinsTest {
    @Test
    void edges_columnOfZerosMostly_haveBinsForTheRest() {
        // 960 zeros and 1 to 40: with 4 bins, 0 is one edge and three bins are left for 1 … 40.
        double[] values = DoubleStream.concat(
                        DoubleStream.generate(() -> 0).limit(960),
                        IntStream.rangeClosed(1, 40).asDoubleStream())
                .toArray();
        assertThat(DenseBins.edges(values, 4)).containsExactly(0, 1, 14, 27, 40);
        assertThat(DenseBins.edges(values, 32)).hasSize(33).startsWith(0, 1).endsWith(40);
    }

    @Test
    void edges_equalValues_areOne() {
        assertThat(DenseBins.edges(new double[] {3, 3, 3}, 8)).containsExactly(3);
        assertThat(DenseBins.edges(new double[] {-2}, 8)).containsExactly(-2);
    }

    @Test
    void edges_twoValues_areBoth() {
        assertThat(DenseBins.edges(new double[] {1, 1, 1, 5}, 8)).containsExactly(1, 5);
        double[] rare = new double[1000];
        rare[999] = 9; // no value of its own, yet all that is left
        assertThat(DenseBins.edges(rare, 8)).containsExactly(0, 9);
        double[] low = new double[1000];
        low[0] = -9;
        assertThat(DenseBins.edges(low, 8)).containsExactly(-9, 0);
    }

    @Test
    void edges_asManyEquallyFrequentValuesAsBins_areThoseValues() {
        double[] values =
                IntStream.range(0, 32 * 5).map(i -> i / 5).asDoubleStream().toArray();
        // 1/32 each is not more than 1/32: 33 quantiles of them all, between the values where they fall between.
        assertThat(DenseBins.edges(values, 32))
                .containsExactly(brute(values, 32))
                .contains(0, 31);
        // In 33 bins it is.
        assertThat(DenseBins.edges(values, 33))
                .containsExactly(IntStream.range(0, 32).asDoubleStream().toArray());
    }

    @Test
    void edges_frequentValueOfTwoPercent_needsMore() {
        double[] values = IntStream.range(0, 100).mapToDouble(i -> i).toArray();
        values[51] = 50; // two of a hundred
        assertThat(DenseBins.edges(values, 100)).containsExactly(brute(values, 100));
        values[52] = 50;
        assertThat(DenseBins.edges(values, 100))
                .containsExactly(brute(values, 100))
                .contains(50);
    }

    @Test
    void edges_randomColumns_areThoseOfTheFormula() {
        Random random = new Random(5);
        for (int trial = 0; trial < 300; trial++) {
            int distinct = 1 + random.nextInt(60);
            double power = 1 + 4 * random.nextDouble();
            double[] values = random.doubles(1 + random.nextInt(400))
                    .map(x -> Math.floor(distinct * Math.pow(x, power)) - 3)
                    .toArray();
            int bins = 2 + random.nextInt(40);
            Arrays.sort(values);
            assertThat(DenseBins.edges(values, bins)).containsExactly(brute(values, bins));
        }
    }

    @Test
    void shares_randomColumns_countHalfOfTheEqualOnes() {
        Random random = new Random(6);
        for (int trial = 0; trial < 100; trial++) {
            double[] values = random.doubles(2 + random.nextInt(200))
                    .map(x -> Math.floor(20 * x * x))
                    .toArray();
            Arrays.sort(values);
            double[] edges = Arrays.stream(values).distinct().toArray();
            double[] shares = DenseBins.shares(values, edges);
            for (int i = 0; i < edges.length; i++) {
                double edge = edges[i];
                long below = Arrays.stream(values).filter(x -> x < edge).count();
                long equal = Arrays.stream(values).filter(x -> x == edge).count();
                assertThat(shares[i]).isCloseTo((below + (equal - 1) / 2.0) / (values.length - 1), within(1e-12));
            }
        }
    }

    @Test
    void shares_edgeBetweenValues_liesBetweenTheirs() {
        assertThat(DenseBins.shares(new double[] {0, 0, 0, 4, 8}, new double[] {0, 1, 4, 6, 8}))
                .containsExactly(0.25, 2.25 / 4, 0.75, 3.5 / 4, 1);
        assertThat(DenseBins.shares(new double[] {7}, new double[] {7})).containsExactly(0.5);
    }

    /** The rule, step by step. */
    static double[] brute(double[] values, int bins) {
        TreeSet<Double> edges = new TreeSet<>();
        List<Double> rest = new ArrayList<>();
        for (double value : values) {
            double share = Arrays.stream(values).filter(x -> x == value).count() / (double) values.length;
            if (share > Math.max(0.02, 1.0 / bins)) {
                edges.add(value);
            } else {
                rest.add(value);
            }
        }
        rest.sort(Double::compare);
        int points = Math.max(2, bins - edges.size() + 1);
        for (int i = 0; i < points && !rest.isEmpty(); i++) {
            double position = (double) i * (rest.size() - 1) / (points - 1);
            int below = (int) Math.floor(position);
            int above = Math.min(rest.size() - 1, below + 1);
            edges.add(Math.min(
                    rest.get(above), rest.get(below) + (position - below) * (rest.get(above) - rest.get(below))));
        }
        return edges.stream().mapToDouble(x -> x).toArray();
    }
}
