package dev.marquee.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes load in a process of its own; each line of standard input tells which, and is answered with what it gave. */
public final class LoadServer {
    private static final ObjectMapper JSON = new ObjectMapper();

    private LoadServer() {}

    /** How to start it. */
    static PeerCommand command() {
        return OwnProcess.command("the load", List.of(), LoadServer.class.getName());
    }

    /**
     * A request for load.
     *
     * @param server where to
     * @param bodies a file with a body a line
     * @param connections how many requests may be on their way
     * @param slowMillis what counts as slow
     * @param phases what to do
     */
    static Map<String, Object> request(
            ServerProcess server, Path bodies, int connections, double slowMillis, List<OpenLoop.Phase> phases) {
        return Map.of(
                "host", server.host(),
                "port", server.port(),
                "path", server.path(),
                "bodies", bodies.toString(),
                "connections", connections,
                "slow_ms", slowMillis,
                "phases", phases);
    }

    /**
     * Serves until standard input ends.
     *
     * @param arguments none
     * @throws IOException when a pipe breaks
     */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        say(answers, Map.of("peer", "the load"));
        try (BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = requests.readLine(); line != null; line = requests.readLine()) {
                say(answers, answer(line));
            }
        }
    }

    private static Map<String, ?> answer(String line) {
        try {
            JsonNode request = JSON.readTree(line);
            List<byte[]> bodies = new ArrayList<>();
            for (String body : Files.readAllLines(Path.of(request.path("bodies").asText()))) {
                bodies.add(body.getBytes(StandardCharsets.UTF_8));
            }
            List<OpenLoop.Phase> phases = new ArrayList<>();
            for (JsonNode phase : request.path("phases")) {
                phases.add(JSON.treeToValue(phase, OpenLoop.Phase.class));
            }
            OpenLoop load = new OpenLoop(
                    request.path("host").asText(),
                    request.path("port").asInt(),
                    request.path("path").asText(),
                    bodies);
            List<OpenLoop.Result> results = load.run(
                    phases,
                    request.path("connections").asInt(),
                    request.path("slow_ms").asDouble(),
                    1);
            return Map.of("phases", results.stream().map(LoadServer::json).toList());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Map.of("error", "interrupted");
        } catch (IOException | RuntimeException e) {
            return Map.of("error", e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    private static Map<String, Object> json(OpenLoop.Result result) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("p50", millis(result, 50));
        json.put("p90", millis(result, 90));
        json.put("p99", millis(result, 99));
        json.put("p999", millis(result, 99.9));
        json.put("max", result.latency().getMaxValue() / 1e6);
        json.put("seconds", result.seconds());
        json.put("accepted", result.accepted());
        json.put("shed", result.shed());
        json.put("failed", result.failed());
        json.put("settled", result.settled());
        return json;
    }

    private static double millis(OpenLoop.Result result, double percentile) {
        return result.latency().getValueAtPercentile(percentile) / 1e6;
    }

    private static void say(PrintStream out, Map<String, ?> answer) throws JsonProcessingException {
        out.println(JSON.writeValueAsString(answer));
        out.flush();
    }
}
