package dev.marquee.export;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What was exported.
 *
 * @param folder with all files
 * @param files their names and sizes in bytes
 * @param rows how many rows the scores were compared on
 * @param source where these are from
 * @param largestDifference of two probabilities, in float32
 * @param quantized what int8 did; empty without it
 */
public record ExportReport(
        Path folder,
        Map<String, Long> files,
        long rows,
        String source,
        double largestDifference,
        Optional<Quantized> quantized) {
    /**
     * What int8 did.
     *
     * @param rows of the validation split that both networks scored
     * @param floatBytes the size of the network in float32
     * @param bytes its size in int8
     * @param floatMillis the median time of a batch of 200 rows on one thread, in float32
     * @param millis in int8
     * @param ranking the name of the measure of order: {@code auc}, or {@code accuracy} of pictures
     * @param rankingBefore its value in float32, of the first label
     * @param rankingAfter in int8
     * @param lossBefore the log loss in float32, of the first label
     * @param lossAfter in int8
     */
    public record Quantized(
            long rows,
            long floatBytes,
            long bytes,
            double floatMillis,
            double millis,
            String ranking,
            double rankingBefore,
            double rankingAfter,
            double lossBefore,
            double lossAfter) {}

    /** Copies the map. */
    public ExportReport {
        files = Map.copyOf(files);
    }
}
