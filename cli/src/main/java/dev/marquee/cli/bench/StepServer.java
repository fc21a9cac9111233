package dev.marquee.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.marquee.collective.Group;
import dev.marquee.collective.GroupException;
import dev.marquee.collective.ProcessGroup;
import dev.marquee.collective.Rendezvous;
import dev.marquee.collective.Transport;
import dev.marquee.measure.AttentionShape;
import dev.marquee.measure.Workload;
import dev.marquee.parallel.Traffic;
import dev.marquee.profile.Memory;
import dev.marquee.tensor.DType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * This program as the peer of itself, in another process: what must be decided before the engine is loaded (the BLAS, how
 * threads wait) is compared that way, and several such processes are a group. Beside what {@link PeerCommand} describes, requests may name the {@code replicas}.
 */
public final class StepServer {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The variable that says what carries exchanges. */
    static final String TRANSPORT = "MARQUEE_BENCH_TRANSPORT";

    private final Group group;
    private @Nullable JsonNode prepared;
    private @Nullable Workload work;

    private StepServer(Group group) {
        this.group = group;
    }

    /**
     * How to start it.
     *
     * @param label how messages call it
     * @param variables of its environment that differ from this process's; an empty value removes one
     */
    static PeerCommand command(String label, Map<String, String> variables) {
        List<String> words = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (option.startsWith("-Dorg.bytedeco") || option.startsWith("-Dmarquee") || option.startsWith("-Xm")) {
                words.add(option);
            }
        }
        words.addAll(
                List.of("-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), StepServer.class.getName()));
        return new PeerCommand(label, words, "Java must be able to start Java.", variables);
    }

    /**
     * Serves until standard input ends.
     *
     * @param arguments none
     * @throws IOException when a pipe breaks
     */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        say(answers, Map.of("peer", "Marquee"));
        try (BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                Group group = join(answers)) {
            StepServer server = new StepServer(group);
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
            return steps((ObjectNode) JSON.readTree(line));
        } catch (JsonProcessingException | RuntimeException e) {
            return Map.of("error", e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    private static Group join(PrintStream answers) throws IOException {
        Optional<Rendezvous> meeting = Rendezvous.from(System.getenv()).filter(one -> one.size() > 1);
        if (meeting.isEmpty()) {
            return Group.alone();
        }
        try {
            return ProcessGroup.join(
                    meeting.get(),
                    Transport.valueOf(System.getenv().getOrDefault(TRANSPORT, Transport.AUTO.name())),
                    Map.of(),
                    System.err::println);
        } catch (GroupException e) {
            say(answers, Map.of("error", String.valueOf(e.getMessage())));
            throw e;
        }
    }

    private Map<String, ?> steps(ObjectNode request) {
        int steps = request.path("steps").asInt(1);
        request.remove("steps");
        Workload ready = work;
        if (ready == null || !request.equals(prepared)) {
            if (ready != null) {
                ready.close();
            }
            ready = workload(request);
            if (group.size() > 1) {
                ready.join(group, request.path("overlap").asBoolean(true));
            }
            ready.usePrecision(
                    DType.valueOf(request.path("precision").asText("float32").toUpperCase(Locale.ROOT)));
            ready.useThreads(
                    request.path("threads").asInt(1), request.path("replicas").asInt(0));
            ready.step();
            work = ready;
            prepared = request;
        }
        Traffic before = ready.traffic();
        double seconds = StepBench.seconds(ready, steps);
        Traffic traffic = ready.traffic().since(before);
        Long resident = Memory.now(Map.of(), List.of()).peakResident();
        return Map.of(
                "seconds",
                seconds,
                "exchanged",
                traffic.bytes() / (steps + 1.0),
                "rows",
                traffic.rows() / (steps + 1.0),
                "early",
                traffic.share(),
                "resident",
                resident == null ? 0 : resident);
    }

    private Workload workload(JsonNode request) {
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
            case "ranking" ->
                Workload.ranking(
                        request.path("batch").asInt(), request.path("rows").asInt(), /* peerIsSparse= */ true);
            case "recipe" -> RecipeStep.of(request, group);
            case "exchange" -> Workload.exchange(request.path("bytes").asLong());
            default ->
                throw new IllegalArgumentException(
                        "perceptron, attention, ranking, recipe and exchange are served, not " + kind);
        };
    }

    private static void say(PrintStream out, Map<String, ?> answer) throws JsonProcessingException {
        out.println(JSON.writeValueAsString(answer));
        out.flush();
    }
}
