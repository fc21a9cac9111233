package dev.marquee.profile;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The trace event format of Chrome, which Perfetto reads too: one complete event ({@code X}) for each step and phase, in
 * microseconds since the start, on a line of its own for each replica.
 */
final class TraceWriter {
    private static final int PROCESS = 1;

    private TraceWriter() {}

    static void write(Path file, long started, List<Track> tracks, TraceEvents steps, long allSteps)
            throws IOException {
        try (JsonGenerator json =
                JsonMapper.builder().build().createGenerator(Files.newBufferedWriter(file, StandardCharsets.UTF_8))) {
            json.writeStartObject();
            json.writeStringField("displayTimeUnit", "ms");
            json.writeObjectFieldStart("otherData");
            json.writeNumberField("steps", allSteps);
            json.writeNumberField("steps_traced", steps.count());
            json.writeEndObject();
            json.writeArrayFieldStart("traceEvents");
            for (Track track : tracks) {
                name(json, track.replica());
            }
            for (int i = 0; i < steps.count(); i++) {
                event(json, "step", 0, steps.began(i) - started, steps.ended(i) - steps.began(i));
                json.writeObjectFieldStart("args");
                json.writeNumberField("step", i + 1);
                json.writeEndObject();
                json.writeEndObject();
            }
            for (Track track : tracks) {
                TraceEvents events = track.trace();
                for (int i = 0; i < events.count(); i++) {
                    long began = events.began(i);
                    String phase = Phase.of(events.phase(i)).key();
                    event(json, phase, track.replica(), began - started, events.ended(i) - began);
                    json.writeEndObject();
                }
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static void name(JsonGenerator json, int replica) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", "thread_name");
        json.writeStringField("ph", "M");
        json.writeNumberField("pid", PROCESS);
        json.writeNumberField("tid", replica);
        json.writeObjectFieldStart("args");
        json.writeStringField("name", replica == 0 ? "replica 0 (leads)" : "replica " + replica);
        json.writeEndObject();
        json.writeEndObject();
    }

    /** Begins an event, and leaves it open. */
    private static void event(JsonGenerator json, String name, int replica, long fromNanos, long nanos)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("name", name);
        json.writeStringField("ph", "X");
        json.writeNumberField("pid", PROCESS);
        json.writeNumberField("tid", replica);
        json.writeNumberField("ts", fromNanos / 1e3);
        json.writeNumberField("dur", nanos / 1e3);
    }
}
