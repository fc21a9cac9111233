package dev.marquee.bench.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code marquee bench perceptron --against}: a line of JSON in for each request, one out. Nothing else may be printed
 * on standard output.
 */
final class Steps {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private final Library library;
    private final PrintStream out;
    private @Nullable JsonNode prepared;
    private @Nullable Runnable step;

    /** What does the work. */
    interface Library {
        /**
         * Says what it is, and loads its natives.
         *
         * @return name and version
         */
        String name();

        /**
         * Makes a perceptron with ReLU, cross-entropy and plain SGD, and random samples.
         *
         * @param sizes of the input and of each layer
         * @param batch samples in a step
         * @param threads how many it may use
         * @return does one step, and ends when it is done
         */
        Runnable perceptron(List<Integer> sizes, int batch, int threads);
    }

    private Steps(Library library, PrintStream out) {
        this.library = library;
        this.out = out;
    }

    /**
     * Serves until standard input ends.
     *
     * @param library what does the work
     * @throws IOException when a pipe breaks
     */
    static void serve(Library library) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err); // libraries greet
        Steps steps = new Steps(library, answers);
        steps.say(Map.of("peer", library.name()));
        try (BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = requests.readLine(); line != null; line = requests.readLine()) {
                try {
                    steps.say(Map.of("seconds", steps.seconds(JSON.readTree(line))));
                } catch (RuntimeException e) {
                    steps.say(Map.of("error", e.getClass().getSimpleName() + ": " + e.getMessage()));
                }
            }
        }
    }

    private double seconds(JsonNode request) {
        Runnable run = step;
        JsonNode work = request.deepCopy();
        ((ObjectNode) work).remove("steps");
        if (run == null || !work.equals(prepared)) {
            run = prepare(work);
            step = run;
            prepared = work;
        }
        run.run(); // wakes the threads; not counted
        int count = request.path("steps").asInt();
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            run.run();
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private Runnable prepare(JsonNode work) {
        if (!work.path("work").asText().equals("perceptron")) {
            throw new IllegalArgumentException(
                    library.name() + " does the perceptron's step only, not " + work.path("work"));
        }
        List<Integer> sizes = new ArrayList<>();
        work.path("sizes").forEach(size -> sizes.add(size.asInt()));
        return library.perceptron(
                sizes, work.path("batch").asInt(), work.path("threads").asInt());
    }

    private void say(Map<String, ?> answer) throws IOException {
        out.println(JSON.writeValueAsString(answer));
        out.flush();
    }
}
