package dev.marquee.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What holds for many rows together. */
class SimulatedLawsTest {
    private static final int ROWS = 200_000;
    private static final double STANDARD_ERRORS = 4;
    private static final SimulatedStream STREAM = SimulatedStream.of(new SimulatedParameters(2000, 1000, 3), ROWS);

    @Test
    void clicks_byTenthsOfTheTruth_areAsFrequentAsTheTruthSays() {
        List<double[]> rows = new ArrayList<>();
        STREAM.truth((clickProbability, click, conversionProbability, conversion, user) ->
                rows.add(new double[] {clickProbability, click ? 1 : 0}));
        assertCalibrated(rows);
        double mean = rows.stream().mapToDouble(row -> row[1]).average().orElseThrow();
        assertThat(mean).isBetween(0.09, 0.16);
    }

    @Test
    void conversions_byTenthsOfTheTruth_areAsFrequentAsTheTruthSays() {
        List<double[]> rows = new ArrayList<>();
        STREAM.truth((clickProbability, click, conversionProbability, conversion, user) ->
                rows.add(new double[] {conversionProbability, conversion ? 1 : 0}));
        assertCalibrated(rows);
    }

    @Test
    void usersAndAds_areSeenByZipfsLaw() {
        Log log = Log.of(STREAM, Set.of("user_id", "ad_id"));
        double[] users = counts(log, "user_id", 2000);
        // The weight of rank r is r^-0.6.
        assertThat(Math.log(users[9] / users[999]) / Math.log(100)).isBetween(0.5, 0.7);
        double[] ads = counts(log, "ad_id", 1000);
        // Those that suit the user come as often as those that are popular, so that the law bends.
        assertThat(ads[9] / ads[499]).isGreaterThan(10);
        assertThat(Arrays.stream(ads).filter(count -> count > 0).count()).isGreaterThan(950);
    }

    @Test
    void features_doNotHoldTheTruth() {
        Set<String> columns = new HashSet<>(STREAM.columns());
        columns.removeIf(name -> !name.startsWith("true_"));
        assertThat(columns).containsExactlyInAnyOrder("true_click_probability", "true_conversion_probability");
    }

    private static double[] counts(Log log, String name, int size) {
        double[] counts = new double[size];
        for (int row = 0; row < log.size(); row++) {
            counts[(int) log.whole(name, row) - 1]++;
        }
        double[] sorted = Arrays.stream(counts).sorted().toArray();
        for (int i = 0; i < size; i++) {
            counts[i] = sorted[size - 1 - i];
        }
        return counts;
    }

    private static void assertCalibrated(List<double[]> rows) {
        rows.sort(Comparator.comparingDouble(row -> row[0]));
        int tenth = rows.size() / 10;
        for (int part = 0; part < 10; part++) {
            double expected = 0;
            double observed = 0;
            double variance = 0;
            for (double[] row : rows.subList(part * tenth, (part + 1) * tenth)) {
                expected += row[0];
                observed += row[1];
                variance += row[0] * (1 - row[0]);
            }
            assertThat(Math.abs(observed - expected))
                    .as("tenth %d: %.0f of %.1f expected", part + 1, observed, expected)
                    .isLessThan(STANDARD_ERRORS * Math.sqrt(variance) + 1);
        }
    }
}
