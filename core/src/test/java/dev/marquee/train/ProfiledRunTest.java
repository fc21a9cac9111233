package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.marquee.profile.Profile;
import dev.marquee.profile.Roof;
import dev.marquee.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ProfiledRunTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int STEPS = 14;

    /** A thousandth of a microsecond is lost between the two numbers of an event. */
    private static final double ROUNDING = 0.01;

    @TempDir
    static Path prepared;

    @TempDir
    Path folder;

    @Test
    void train_profiled_writesPhasesThatAddUpAndATraceThatNests() throws IOException {
        List<Profile> told = new ArrayList<>();
        Profiling profiling = new Profiling(Optional.of((threads, half) -> new Roof(threads, 100, 10)), told::add);
        Trainer.train(recipe(), folder.resolve("run"), Optional.of(profiling), Progress.silent())
                .close();

        JsonNode profile = JSON.readTree(folder.resolve("run/profile.json").toFile());
        assertThat(profile.path("steps").asLong()).isEqualTo(STEPS);
        assertThat(profile.path("samples").asLong()).isEqualTo(1400);
        Map<String, JsonNode> phases = new TreeMap<>();
        profile.path("phases").forEach(row -> phases.put(row.path("phase").asText(), row));
        double sum = phases.values().stream()
                .mapToDouble(row -> row.path("seconds").asDouble())
                .sum();
        assertThat(sum).isCloseTo(profile.path("seconds").asDouble(), Offset.offset(1e-3));
        for (String phase : List.of("forward", "backward", "exchange", "update")) {
            assertThat(phases.get(phase).at("/milliseconds/count").asLong())
                    .as(phase)
                    .isEqualTo(STEPS);
            assertThat(phases.get(phase).path("percent_of_roof").asDouble())
                    .as(phase)
                    .isPositive();
        }
        // Two epochs of validation, calibration and test; the start, two epochs and the final weights.
        assertThat(phases.get("metrics").at("/milliseconds/count").asLong()).isEqualTo(4);
        assertThat(phases.get("saving").at("/milliseconds/count").asLong()).isEqualTo(4);
        assertThat(epochSeconds("run"))
                .as("what the metrics file calls the epochs")
                .isLessThan(profile.path("seconds").asDouble());
        assertThat(profile.path("heap_bytes_per_step").asDouble()).isPositive();
        assertThat(profile.at("/memory/kinds/tables").asLong()).isPositive();
        assertThat(profile.at("/memory/arenas/parameters").asLong()).isPositive();
        assertThat(profile.path("replicas")).hasSize(2);

        assertThat(told).hasSize(1);
        assertThat(Files.readString(folder.resolve("run/report.html"))).contains("\"percent_of_roof\"");
        JsonNode trace = JSON.readTree(folder.resolve("run/trace.json").toFile());
        assertNests(events(trace, 0));
        assertNests(events(trace, 1));
        assertThat(events(trace, 0).stream().filter(event -> name(event).equals("step")))
                .hasSize(STEPS);
        assertThat(events(trace, 1).stream().filter(event -> name(event).equals("forward")))
                .hasSize(STEPS);
    }

    @Test
    void train_notProfiled_writesNothingOfIt() {
        Trainer.train(recipe(), folder.resolve("run"), Progress.silent()).close();
        assertThat(folder.resolve("run/profile.json")).doesNotExist();
        assertThat(folder.resolve("run/trace.json")).doesNotExist();
    }

    @Test
    void resume_profiledRun_startsItsProfileAnew() throws IOException {
        Path run = folder.resolve("run");
        Profiling profiling = new Profiling(Optional.empty(), profile -> {});
        Trainer.train(recipe(), run, Optional.of(profiling), new StopAfter(5)).close();
        assertThat(JSON.readTree(run.resolve("profile.json").toFile())
                        .path("steps")
                        .asLong())
                .isEqualTo(5);
        Trainer.resume(Run.recipe(run), run, Optional.of(profiling), Progress.silent())
                .close();
        JsonNode profile = JSON.readTree(run.resolve("profile.json").toFile());
        assertThat(profile.path("steps").asLong()).isEqualTo(STEPS - 5);
        assertThat(profile.path("roof").isNull()).isTrue();
    }

    @Test
    void resume_withoutProfile_leavesNoneOfTheStepsBefore() {
        Path run = folder.resolve("run");
        Trainer.train(recipe(), run, Optional.of(new Profiling(Optional.empty(), profile -> {})), new StopAfter(5))
                .close();
        Trainer.resume(run, Progress.silent()).close();
        assertThat(run.resolve("profile.json")).doesNotExist();
        assertThat(run.resolve("trace.json")).doesNotExist();
    }

    @Test
    void train_whileFlightRecorderRecords_tellsItOfEveryStep() throws IOException {
        Path file = folder.resolve("flight.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("dev.marquee.Phase").withoutThreshold();
            recording.enable("dev.marquee.Step").withoutThreshold();
            recording.start();
            Trainer.train(recipe(), folder.resolve("run"), Progress.silent()).close();
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertThat(events.stream()
                        .filter(event -> event.getEventType().getName().equals("dev.marquee.Step")))
                .hasSize(STEPS);
        assertThat(events.stream()
                        .filter(event -> event.getEventType().getName().equals("dev.marquee.Phase"))
                        .filter(event -> event.getString("phase").equals("forward"))
                        .filter(event -> event.getInt("replica") == 1))
                .hasSize(STEPS);
    }

    /** Sorted by their beginnings, longer ones first, each event ends before what surrounds it, or begins after it. */
    private static void assertNests(List<JsonNode> events) {
        List<Double> ends = new ArrayList<>();
        for (JsonNode event : events) {
            double begin = event.path("ts").asDouble();
            double end = begin + event.path("dur").asDouble();
            while (!ends.isEmpty() && ends.get(ends.size() - 1) <= begin + ROUNDING) {
                ends.remove(ends.size() - 1);
            }
            if (!ends.isEmpty()) {
                assertThat(end).as(event.toString()).isLessThanOrEqualTo(ends.get(ends.size() - 1) + ROUNDING);
            }
            ends.add(end);
        }
    }

    private static List<JsonNode> events(JsonNode trace, int replica) {
        List<JsonNode> events = new ArrayList<>();
        trace.path("traceEvents").forEach(event -> {
            if (event.path("ph").asText().equals("X") && event.path("tid").asInt() == replica) {
                events.add(event);
            }
        });
        events.sort((a, b) -> {
            int order = Double.compare(a.path("ts").asDouble(), b.path("ts").asDouble());
            return order != 0
                    ? order
                    : Double.compare(b.path("dur").asDouble(), a.path("dur").asDouble());
        });
        return events;
    }

    private static String name(JsonNode event) {
        return event.path("name").asText();
    }

    private double epochSeconds(String run) throws IOException {
        double sum = 0;
        for (String line : Files.readAllLines(folder.resolve(run).resolve("metrics.jsonl"))) {
            JsonNode entry = JSON.readTree(line);
            for (String part : List.of("training", "waiting", "evaluating", "saving")) {
                sum += entry.path("seconds_" + part).asDouble();
            }
        }
        return sum;
    }

    private static Recipe recipe() {
        return Recipe.named("simulated_impressions_din")
                .with("data.rows", 700)
                .with("data.validation_rows", 300)
                .with("data.test_rows", 300)
                .with("data.users", 100)
                .with("data.ads", 100)
                .with("data.batch_size", 100)
                .with("data.prepared_path", prepared.toString())
                .with("engine.replicas", 2)
                .with("train.epochs", 2);
    }
}
