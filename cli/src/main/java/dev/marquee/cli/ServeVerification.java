package dev.marquee.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.serving.Scorer;
import dev.marquee.serving.ServerOptions;
import dev.marquee.train.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Compares what a server answers for the rows of files with what {@code predict} says of them. */
final class ServeVerification {
    /** Scores are float32; the order of summation differs with the size of a batch. */
    private static final double TOLERANCE = 1e-5;

    private static final int ROWS_OF_A_REQUEST = 200;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpRequest.Builder request;
    private long rows;
    private double largest;

    private ServeVerification(ServerOptions options, int port) {
        this.request = HttpRequest.newBuilder(
                        URI.create("http://" + options.host() + ":" + port + "/v1/models/" + options.name() + ":rank"))
                .header("Content-Type", "application/json");
        options.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    }

    /**
     * What was compared.
     *
     * @param rows how many
     * @param largest the largest difference of two probabilities
     */
    record Result(long rows, double largest) {}

    /**
     * Compares.
     *
     * @throws IllegalStateException when a score differs by more than rounding, or a row is refused
     */
    static Result run(Path run, Path data, Scorer scorer, ServerOptions options, int port) {
        ServeVerification verification = new ServeVerification(options, port);
        List<String> columns = List.copyOf(scorer.schema().config().featureColumns());
        try (Run opened = Run.open(run)) {
            opened.score(data, columns, verification::compare);
        }
        return new Result(verification.rows, verification.largest);
    }

    private void compare(RawChunk chunk, List<String> labels, float[] predicted) {
        for (int from = 0; from < chunk.rows(); from += ROWS_OF_A_REQUEST) {
            int end = Math.min(chunk.rows(), from + ROWS_OF_A_REQUEST);
            ObjectNode body = JSON.createObjectNode();
            ObjectNode candidates = body.putObject("candidates");
            for (var column : chunk.columns().entrySet()) {
                ArrayNode values = candidates.putArray(column.getKey());
                for (int row = from; row < end; row++) {
                    add(values, column.getValue(), row);
                }
            }
            JsonNode scores = ask(body, chunk.place(from)).path("scores");
            for (int row = from; row < end; row++) {
                for (int label = 0; label < labels.size(); label++) {
                    compare(
                            chunk.place(row),
                            scores.path(labels.get(label)).path(row - from).asDouble(Double.NaN),
                            predicted[row * labels.size() + label]);
                }
            }
        }
        rows += chunk.rows();
    }

    private void compare(String place, double served, double predicted) {
        double difference = Math.abs(served - predicted);
        if (!(difference <= TOLERANCE)) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT,
                    "%s: the server scores %.8f, predict %.8f: they differ by more than rounding",
                    place,
                    served,
                    predicted));
        }
        largest = Math.max(largest, difference);
    }

    private JsonNode ask(ObjectNode body, String place) {
        try {
            HttpResponse<String> answer = client.send(
                    request.POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            JsonNode read = JSON.readTree(answer.body());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("the server refuses the rows from " + place + ": "
                        + read.path("error").asText());
            }
            return read;
        } catch (IOException e) {
            throw new UncheckedIOException("the server does not answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void add(ArrayNode values, RawColumn column, int row) {
        if (column.isNull(row)) {
            values.addNull();
        } else if (column instanceof RawColumn.Longs longs) {
            values.add(longs.value(row));
        } else if (column instanceof RawColumn.Texts texts) {
            values.add(texts.value(row));
        } else if (column instanceof RawColumn.Doubles doubles) {
            double value = doubles.value(row);
            if (Double.isFinite(value)) {
                values.add(value);
            } else {
                values.addNull(); // JSON has no such numbers; they count as missing
            }
        } else if (column instanceof RawColumn.Lists lists) {
            ArrayNode elements = values.addArray();
            for (int i = lists.offset(row); i < lists.offset(row + 1); i++) {
                add(elements, lists.elements(), i);
            }
        }
    }
}
