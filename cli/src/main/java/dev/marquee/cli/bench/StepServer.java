package dev.marquee.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.marquee.measure.AttentionShape;
import dev.marquee.measure.Workload;
import dev.marquee.tensor.DType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * This program as the peer of itself, in another process: what must be decided before the engine is loaded (the BLAS, how
 * threads wait) is compared that way. Beside what {@link PeerCommand} describes, requests may name the {@code replicas}.
 */
public final class StepServer {
    private static final ObjectMapper JSON = new ObjectMapper();

    private @Nullable JsonNode prepared;
    private @Nullable Workload work;

    private StepServer() {}

    /**
     * Serves until standard input ends.
     *
     * @param arguments none
     * @throws IOException when a pipe breaks
     */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        StepServer server = new StepServer();
        say(answers, Map.of("peer", "Marquee"));
        try (BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = requests.readLine(); line != null; line = requests.readLine()) {
                say(answers, server.answer(line));
            }
        }
    }

    /**
     * Answers a request.
     *
     * @param line JSON
     * @return what to say
     */
    Map<String, ?> answer(String line) {
        try {
            return Map.of("seconds", seconds((ObjectNode) JSON.readTree(line)));
        } catch (JsonProcessingException | RuntimeException e) {
            return Map.of("error", e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    private double seconds(ObjectNode request) {
        int steps = request.path("steps").asInt(1);
        request.remove("steps");
        Workload ready = work;
        if (ready == null || !request.equals(prepared)) {
            if (ready != null) {
                ready.close();
            }
            ready = workload(request);
            ready.usePrecision(
                    DType.valueOf(request.path("precision").asText("float32").toUpperCase(Locale.ROOT)));
            ready.useThreads(
                    request.path("threads").asInt(1), request.path("replicas").asInt(0));
            ready.step();
            work = ready;
            prepared = request;
        }
        return StepBench.seconds(ready, steps);
    }

    private static Workload workload(JsonNode request) {
        String kind = request.path("work").asText();
        return switch (kind) {
            case "perceptron" -> Workload.perceptron(request.path("batch").asInt());
            case "attention" -> {
                JsonNode shape = request.path("shape");
                yield Workload.attention(
                        new AttentionShape(
                                shape.path(0).asInt(),
                                shape.path(1).asInt(),
                                shape.path(2).asInt(),
                                shape.path(3).asInt(),
                                shape.path(4).asInt(),
                                shape.path(5).asInt()),
                        request.path("fused").asBoolean());
            }
            default -> throw new IllegalArgumentException("perceptron and attention are served, not " + kind);
        };
    }

    private static void say(PrintStream out, Map<String, ?> answer) throws JsonProcessingException {
        out.println(JSON.writeValueAsString(answer));
        out.flush();
    }
}
