package dev.marquee.serving;

import dev.marquee.schema.Ids;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.Engine;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.IntSupplier;

/** What a server measures of itself, in the format of Prometheus. */
final class ServerMetrics {
    static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    /** 0.1 ms to 5 s. */
    private static final double[] SECONDS = {
        1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5
    };

    private static final double[] COUNTS = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000};
    private static final double[] PROBABILITIES = {
        1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1
    };

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    private final String model;
    private final List<String> fields;
    private final Counter requests;
    private final Histogram latency;
    private final Histogram stages;
    private final Histogram candidates;
    private final Histogram batches;
    private final Histogram scores;
    private final Counter shed;
    private final Counter values;
    private final Counter unknown;

    ServerMetrics(String model, List<String> fields, String version) {
        this.model = model;
        this.fields = fields;
        this.requests = Counter.builder()
                .name("marquee_requests_total")
                .help("Requests, by endpoint and status.")
                .labelNames("endpoint", "status")
                .register(registry);
        this.latency = histogram(
                "marquee_request",
                "From a request's head to the end of its answer.",
                Unit.SECONDS,
                SECONDS,
                "endpoint");
        this.stages = histogram(
                "marquee_stage",
                "Stages of scoring: parse, encode, queue, score (a batch), write.",
                Unit.SECONDS,
                SECONDS,
                "model",
                "stage");
        this.candidates = histogram("marquee_candidates", "Rows of a request.", null, COUNTS, "model");
        this.batches = histogram("marquee_batch_requests", "Requests scored together.", null, COUNTS, "model");
        this.scores =
                histogram("marquee_score", "Probabilities that were answered.", null, PROBABILITIES, "model", "label");
        this.shed = Counter.builder()
                .name("marquee_shed_total")
                .help("Requests refused because too many waited.")
                .labelNames("model")
                .register(registry);
        this.values = Counter.builder()
                .name("marquee_field_values_total")
                .help("Values of categorical features.")
                .labelNames("model", "field")
                .register(registry);
        this.unknown = Counter.builder()
                .name("marquee_field_unknown_total")
                .help("Values of categorical features that the vocabulary does not have.")
                .labelNames("model", "field")
                .register(registry);
        gauge("marquee_resident_bytes", "Memory of the process, native and Java's.", Engine::residentBytes);
        gauge(
                "marquee_native_bytes",
                "Memory of tensors that are kept: weights and tables.",
                () -> Arena.bytesByName().values().stream()
                        .mapToLong(Long::longValue)
                        .sum());
        Info.builder()
                .name("marquee_model_info")
                .help("The version that scores.")
                .labelNames("model", "version")
                .register(registry)
                .setLabelValues(model, version);
    }

    void queue(IntSupplier size) {
        gauge("marquee_queue_requests", "Requests that wait to be scored.", size::getAsInt);
    }

    void request(String endpoint, int status, long nanos) {
        requests.labelValues(endpoint, Integer.toString(status)).inc();
        latency.labelValues(endpoint).observe(nanos / 1e9);
    }

    void stage(String stage, long nanos) {
        stages.labelValues(model, stage).observe(nanos / 1e9);
    }

    void batch(int size, long nanos) {
        batches.labelValues(model).observe(size);
        stage("score", nanos);
    }

    void shed() {
        shed.labelValues(model).inc();
    }

    void scored(EncodedRequest request, Scores answer) {
        candidates.labelValues(model).observe(request.rows());
        for (int field = 0; field < fields.size(); field++) {
            int missed = 0;
            for (int at = field; at < request.ids().length; at += fields.size()) {
                missed += request.ids()[at] == Ids.UNKNOWN ? 1 : 0;
            }
            values.labelValues(model, fields.get(field)).inc(request.rows());
            unknown.labelValues(model, fields.get(field)).inc(missed);
        }
        for (int label = 0; label < answer.labels().size(); label++) {
            var histogram = scores.labelValues(model, answer.labels().get(label));
            for (int row = 0; row < answer.rows(); row++) {
                histogram.observe(answer.probability(row, label));
            }
        }
    }

    byte[] text() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writer.write(bytes, registry.scrape(), io.prometheus.metrics.config.EscapingScheme.UNDERSCORE_ESCAPING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private Histogram histogram(
            String name, String help, @org.jspecify.annotations.Nullable Unit unit, double[] bounds, String... labels) {
        Histogram.Builder builder = Histogram.builder()
                .name(name)
                .help(help)
                .classicOnly()
                .classicUpperBounds(bounds)
                .labelNames(labels);
        return (unit == null ? builder : builder.unit(unit)).register(registry);
    }

    private void gauge(String name, String help, java.util.function.LongSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsLong()))
                .register(registry);
    }
}
