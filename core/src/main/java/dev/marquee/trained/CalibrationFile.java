package dev.marquee.trained;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.marquee.metric.Isotonic;
import dev.marquee.metric.Platt;
import dev.marquee.metric.Recalibration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The maps of a run's labels as {@code calibration.json}. Every number comes back as it was. */
public final class CalibrationFile {
    private static final String PLATT = "platt";
    private static final String ISOTONIC = "isotonic";

    private CalibrationFile() {}

    /**
     * What is written as JSON.
     *
     * @param labels the maps, in the order of the labels
     * @return maps, lists and numbers
     */
    public static Map<String, Object> json(List<LabelCalibration> labels) {
        List<Map<String, Object>> entries = new ArrayList<>();
        for (LabelCalibration label : labels) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("label", label.label());
            entry.put("rows", label.rows());
            entry.put("expected_calibration_error_before", label.errorBefore());
            entry.put("expected_calibration_error_after", label.errorAfter());
            if (label.map() instanceof Platt platt) {
                entry.put("kind", PLATT);
                entry.put("slope", platt.slope());
                entry.put("intercept", platt.intercept());
            } else if (label.map() instanceof Isotonic isotonic) {
                entry.put("kind", ISOTONIC);
                entry.put("logits", isotonic.logits());
                entry.put("probabilities", isotonic.probabilities());
            }
            entries.add(entry);
        }
        return Map.of("labels", entries);
    }

    /**
     * Reads the file.
     *
     * @param file its path
     * @param names the labels of the run, in order
     * @return one map for each label
     * @throws IllegalStateException when it is missing, damaged, or of other labels
     */
    public static List<LabelCalibration> read(Path file, List<String> names) {
        List<LabelCalibration> labels = new ArrayList<>();
        try {
            JsonNode entries = JsonMapper.builder()
                    .build()
                    .readTree(Files.readString(file))
                    .path("labels");
            for (JsonNode entry : entries) {
                labels.add(new LabelCalibration(
                        entry.path("label").asText(),
                        map(entry),
                        entry.path("rows").asInt(),
                        entry.path("expected_calibration_error_before").asDouble(),
                        entry.path("expected_calibration_error_after").asDouble()));
            }
        } catch (NoSuchFileException e) {
            throw new IllegalStateException(missing(file), e);
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalStateException(
                    "the calibration " + file + " is damaged: resume the run to fit it again, or set"
                            + " train.calibration=none (" + e.getMessage() + ")",
                    e);
        }
        List<String> found = labels.stream().map(LabelCalibration::label).toList();
        if (!found.equals(names)) {
            throw new IllegalStateException("the calibration " + file + " is of the labels " + found
                    + ", the run's are " + names + ": resume the run to fit it again");
        }
        return labels;
    }

    private static String missing(Path file) {
        return "the run was to be calibrated, and " + file + " is not there: resume the run to fit it again";
    }

    private static Recalibration map(JsonNode entry) {
        String kind = entry.path("kind").asText();
        return switch (kind) {
            case PLATT -> new Platt(number(entry.path("slope")), number(entry.path("intercept")));
            case ISOTONIC -> new Isotonic(numbers(entry.path("logits")), numbers(entry.path("probabilities")));
            default -> throw new IllegalArgumentException("kind is \"" + kind + "\", not platt or isotonic");
        };
    }

    private static double[] numbers(JsonNode array) {
        double[] values = new double[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = number(array.get(i));
        }
        return values;
    }

    private static double number(JsonNode node) {
        if (!node.isNumber()) {
            throw new IllegalArgumentException("a number is missing");
        }
        return node.doubleValue();
    }
}
