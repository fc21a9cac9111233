package dev.marquee.train;

import dev.marquee.metric.CalibrationBin;
import dev.marquee.metric.Interval;
import dev.marquee.metric.RocPoint;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run measured on labelled samples.
 *
 * @param rows how many samples there were
 * @param metrics by name: {@code loss}; {@code accuracy} of pictures; {@code auc}, {@code log_loss} and the others of
 *     {@link dev.marquee.metric.ClickMetrics} for the rows of a log, {@code LABEL.auc} where there are several labels
 * @param undefined metrics that have no value, and why
 * @param intervals by metric, where they were asked for
 * @param slices the metrics of parts of the rows, where they were asked for: the largest parts of each feature
 * @param labels curves of each label of the rows of a log; empty for pictures
 */
public record Measured(
        long rows,
        Map<String, Double> metrics,
        Map<String, String> undefined,
        Map<String, Interval> intervals,
        List<Slice> slices,
        List<Curves> labels) {
    /** Copies. */
    public Measured {
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        undefined = Collections.unmodifiableMap(new LinkedHashMap<>(undefined));
        intervals = Collections.unmodifiableMap(new LinkedHashMap<>(intervals));
        slices = List.copyOf(slices);
        labels = List.copyOf(labels);
    }

    /**
     * The metrics of the rows that have one value of a feature.
     *
     * @param feature its name
     * @param value the value
     * @param rows how many rows have it
     * @param metrics by name
     */
    public record Slice(String feature, String value, long rows, Map<String, Double> metrics) {
        /** Copies. */
        public Slice {
            metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        }
    }

    /**
     * What can be drawn of one label.
     *
     * @param label its name
     * @param baseRate the share of ones, by weight
     * @param roc the ROC curve; empty where there is one class only
     * @param calibration the reliability diagram in bins of equal weight
     * @param scores how many rows of each class have which score
     */
    public record Curves(
            String label,
            double baseRate,
            List<RocPoint> roc,
            List<CalibrationBin> calibration,
            List<ScoreBin> scores) {
        /** Copies. */
        public Curves {
            roc = List.copyOf(roc);
            calibration = List.copyOf(calibration);
            scores = List.copyOf(scores);
        }
    }

    /**
     * How many rows have a score within a range.
     *
     * @param from the smallest log-odds of the range
     * @param to the log-odds where it ends
     * @param negatives rows of label 0
     * @param positives rows of label 1
     */
    public record ScoreBin(double from, double to, long negatives, long positives) {}
}
