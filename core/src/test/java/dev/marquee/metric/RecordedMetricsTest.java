package dev.marquee.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares with what scikit-learn computed; see {@code parity/record_metrics.py}. */
final class RecordedMetricsTest {
    private static final Offset<Double> EXACT = within(1e-9);

    static Stream<Arguments> cases() throws IOException {
        try (InputStream file = Objects.requireNonNull(RecordedMetricsTest.class.getResourceAsStream("metrics.json"))) {
            return StreamSupport.stream(
                            new ObjectMapper().readTree(file).get("cases").spliterator(), false)
                    .map(entry -> Arguments.of(entry.get("name").textValue(), entry));
        }
    }

    static Stream<Arguments> smallCases() throws IOException {
        return cases().filter(arguments -> !arguments.get()[0].toString().startsWith("million"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void exact_recordedRows_agreesWithScikitLearn(String name, JsonNode recorded) {
        GeneratedRows rows = new GeneratedRows(recorded.get("rows"));
        JsonNode expected = recorded.get("expected");
        ClickMetrics metrics = rows.addTo(ClickMetrics.exact(rows.scale));

        Map<String, Double> values = metrics.values();
        List<String> names = new ArrayList<>();
        expected.get("values").fieldNames().forEachRemaining(names::add);
        assertThat(values.keySet()).containsExactlyElementsOf(names);
        values.forEach((metric, value) -> assertThat(value)
                .as(metric)
                .isCloseTo(expected.get("values").get(metric).doubleValue(), EXACT));
        assertThat(metrics.errorBounds().values()).allMatch(bound -> bound == 0);

        JsonNode bins = expected.get("bins");
        if (bins != null) {
            List<CalibrationBin> found = metrics.calibrationBins();
            assertThat(found).hasSize(bins.size());
            for (int i = 0; i < bins.size(); i++) {
                assertThat(found.get(i).predicted())
                        .isCloseTo(bins.get(i).get(0).doubleValue(), EXACT);
                assertThat(found.get(i).observed()).isCloseTo(bins.get(i).get(1).doubleValue(), EXACT);
                assertThat(found.get(i).weight()).isCloseTo(bins.get(i).get(2).doubleValue(), EXACT);
                assertThat(found.get(i).rows()).isEqualTo(bins.get(i).get(3).longValue());
            }
        }
        JsonNode curve = expected.get("calibration_curve");
        if (curve != null) {
            List<CalibrationBin> found = metrics.calibrationBins();
            assertThat(found).hasSize(curve.size());
            for (int i = 0; i < curve.size(); i++) {
                assertThat(found.get(i).predicted())
                        .isCloseTo(curve.get(i).get(0).doubleValue(), EXACT);
                assertThat(found.get(i).observed())
                        .isCloseTo(curve.get(i).get(1).doubleValue(), EXACT);
            }
        }
        JsonNode groups = expected.get("groups");
        assertThat(metrics.groups().isPresent()).isEqualTo(groups != null);
        if (groups != null) {
            assertThat(metrics.groups())
                    .contains(new GroupedAuc.Summary(
                            groups.get("groups").longValue(),
                            groups.get("groups_left_out").longValue(),
                            groups.get("rows").longValue(),
                            groups.get("rows_left_out").longValue(),
                            1));
        }
        assertThat(rows.addTo(new BinaryAccuracy(rows.scale)).value())
                .isCloseTo(expected.get("accuracy").doubleValue(), EXACT);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void streaming_recordedRows_staysWithinItsBounds(String name, JsonNode recorded) {
        GeneratedRows rows = new GeneratedRows(recorded.get("rows"));
        JsonNode expected = recorded.get("expected").get("values");
        ClickMetrics metrics = rows.addTo(ClickMetrics.streaming(rows.scale));

        Map<String, Double> values = metrics.values();
        Map<String, Double> bounds = metrics.errorBounds();
        assertThat(values).hasSize(expected.size());
        values.forEach((metric, value) -> {
            // Where a bin of calibration ends moves by the width of a bin of scores; nothing else is inexact.
            double error = metric.equals("expected_calibration_error") ? 1e-3 : bounds.getOrDefault(metric, 0.0);
            assertThat(value).as(metric).isCloseTo(expected.get(metric).doubleValue(), within(error + EXACT.value));
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("smallCases")
    void merge_threeParts_equalsAddingAll(String name, JsonNode recorded) {
        GeneratedRows rows = new GeneratedRows(recorded.get("rows"));
        int count = rows.scores.length;
        for (boolean exact : new boolean[] {true, false}) {
            ClickMetrics all = rows.addTo(create(exact, rows.scale));
            ClickMetrics merged = create(exact, rows.scale);
            merged.merge(rows.addTo(create(exact, rows.scale), 0, count / 3));
            merged.merge(rows.addTo(create(exact, rows.scale), count / 3, count / 2));
            merged.merge(rows.addTo(create(exact, rows.scale), count / 2, count));

            assertThat(merged.rows()).isEqualTo(all.rows());
            assertThat(merged.undefined()).isEqualTo(all.undefined());
            assertThat(merged.groups()).isEqualTo(all.groups());
            Map<String, Double> values = merged.values();
            all.values()
                    .forEach((metric, value) ->
                            assertThat(values.get(metric)).as(metric).isCloseTo(value, within(1e-12)));
        }
    }

    private static ClickMetrics create(boolean exact, Scale scale) {
        return exact ? ClickMetrics.exact(scale) : ClickMetrics.streaming(scale);
    }
}
