package dev.marquee.accelerate;

import dev.marquee.measure.Roofline;
import dev.marquee.measure.Spread;
import dev.marquee.report.Report;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An {@link Acceleration} for programs, and as a page. */
public final class AccelerationPage {
    private AccelerationPage() {}

    /**
     * All that was found, in plain values.
     *
     * @param acceleration what was found
     * @return numbers, texts, lists and maps by name
     */
    public static Map<String, Object> values(Acceleration acceleration) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("recipe", acceleration.name());
        values.put("description", acceleration.given().description());
        values.put("complete", acceleration.complete());
        values.put("tolerance", acceleration.options().tolerance());
        values.put("processor", acceleration.machine().processor().model());
        values.put("cores", acceleration.machine().cores());
        values.put("engine", "libtorch " + acceleration.machine().engine());
        values.put("java", acceleration.machine().java());
        values.put("dense_parameters", acceleration.denseParameters());
        values.put("embedding_parameters", acceleration.embeddingParameters());
        values.put("roof", roof(acceleration.roofline()));
        values.put(
                "findings",
                acceleration.findings().stream()
                        .map(finding -> values(acceleration, finding))
                        .toList());
        Map<String, Object> changes = new LinkedHashMap<>();
        acceleration.changes().forEach(change -> changes.put(change.key(), List.of(change.before(), change.after())));
        values.put("changes", changes);
        return values;
    }

    /**
     * The page: bars, roofline, quality against speed, everything in a table.
     *
     * @param acceleration what was found
     * @param recipe the recommended recipe's text
     * @return HTML in one file
     * @throws IOException when the page's parts are missing
     */
    public static String html(Acceleration acceleration, String recipe) throws IOException {
        Map<String, Object> values = values(acceleration);
        values.put("yaml", recipe);
        return Report.ofAcceleration("Accelerate " + acceleration.name(), values);
    }

    private static Map<String, Object> roof(Roofline roofline) {
        Map<String, Object> roof = new LinkedHashMap<>();
        roof.put("float32_gflops", roofline.peak());
        roof.put("float32_one_thread_gflops", roofline.float32OneThread().max());
        roofline.bfloat16().ifPresent(spread -> roof.put("bfloat16_gflops", spread.max()));
        roof.put("copy_gbytes", roofline.copy().max());
        return roof;
    }

    private static Map<String, Object> values(Acceleration acceleration, Finding finding) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("name", finding.name());
        values.put("explanation", finding.explanation());
        values.put("settings", finding.settings());
        values.put("verdict", finding.verdict().name().toLowerCase(Locale.ROOT));
        values.put("reason", finding.reason());
        values.put("batch", finding.batch());
        Spread rate = finding.samplesPerSecond();
        if (rate != null) {
            values.put("samples_per_second", spread(rate));
            values.put("gflops", acceleration.gflops(finding));
            values.put("roof_percent", acceleration.roofline().percent(acceleration.gflops(finding)));
            values.put("intensity_at_most", acceleration.intensity(finding));
            values.put("state_bytes", finding.stateBytes());
        }
        Gain gain = finding.gain();
        if (gain != null) {
            values.put("gain", Map.of("times", gain.times(), "low", gain.low(), "high", gain.high()));
        }
        QualityChange quality = finding.quality();
        if (quality != null) {
            values.put("quality", quality(quality));
        }
        return values;
    }

    private static Map<String, Object> spread(Spread spread) {
        return Map.of("median", spread.median(), "min", spread.min(), "max", spread.max(), "turns", spread.count());
    }

    private static Map<String, Object> quality(QualityChange quality) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("loss_baseline", quality.loss());
        values.put("loss", quality.candidateLoss());
        values.put("change", quality.change());
        values.put("low", quality.low());
        values.put("high", quality.high());
        values.put("samples", quality.samples());
        values.put("seeds", quality.seeds());
        values.put("rows", quality.rows());
        values.put("metrics_baseline", quality.metrics());
        values.put("metrics", quality.candidateMetrics());
        return values;
    }
}
