package dev.marquee.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfilerTest {
    private static final Memory NOTHING = new Memory(null, 0, Map.of(), Map.of(), List.of());

    @TempDir
    Path folder;

    @Test
    void profile_phasesWithinPhases_addUpToAllTheTime() {
        try (Profiler profiler = Profiler.on(1)) {
            profiler.start();
            for (int step = 1; step <= 3; step++) {
                profiler.stepStarted();
                profiler.leader().enter(Phase.FORWARD);
                work();
                profiler.leader().enter(Phase.SAVING);
                work();
                profiler.leader().leave();
                profiler.leader().leave();
                profiler.stepEnded(step, 1, 10, 0.5);
            }
            profiler.stop();
            Profile profile = profiler.profile(1, null, NOTHING);
            assertThat(profile.phases().stream()
                            .mapToDouble(Profile.Row::seconds)
                            .sum())
                    .isCloseTo(profile.seconds(), Offset.offset(1e-4));
            assertThat(profile.steps()).isEqualTo(3);
            assertThat(profile.samples()).isEqualTo(30);
            Map<String, Profile.Row> rows = rows(profile);
            assertThat(rows.get("forward").milliseconds().count()).isEqualTo(3);
            assertThat(rows.get("saving").seconds()).isPositive();
            assertThat(rows.get("update").milliseconds().count()).isZero();
        }
    }

    @Test
    void profile_workOfAForwardPass_countsForBackwardToo() {
        try (Scope scope = Scope.open();
                Profiler profiler = Profiler.on(1)) {
            Tensor input = Tensors.of(new float[6], 2, 3);
            Tensor weight = Tensors.of(new float[12], 4, 3).set_requires_grad(true);
            profiler.start();
            profiler.leader().enter(Phase.FORWARD);
            Tally.linear(input, weight); // 2·2·3·4; the input needs no gradient
            Tally.bytes(weight, 2); // 2·12·4
            profiler.leader().leave();
            profiler.leader().enter(Phase.METRICS);
            Tally.linear(input, weight);
            profiler.leader().leave();
            profiler.stop();
            Roof roof = new Roof(1, 1, 1);
            Map<String, Profile.Row> rows = rows(profiler.profile(1, roof, NOTHING));
            assertThat(rows.get("forward").gflop()).isEqualTo(48e-9);
            assertThat(rows.get("backward").gflop()).isEqualTo(48e-9);
            assertThat(rows.get("metrics").gflop()).isEqualTo(48e-9);
            assertThat(rows.get("forward").gigabytes()).isEqualTo(96e-9);
            assertThat(rows.get("forward").percentOfRoof())
                    .isCloseTo(100 * rows.get("forward").gflopPerSecond(), Offset.offset(1e-9));
            assertThat(rows.get("saving").percentOfRoof()).isNull();
        }
    }

    @Test
    void profile_ofOneThatIsOff_isRefused() {
        try (Profiler profiler = Profiler.off(1)) {
            profiler.start();
            profiler.stop();
            assertThatThrownBy(() -> profiler.profile(1, null, NOTHING))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the profiler is off");
        }
    }

    @Test
    void leaveTo_afterAFailure_endsWhatTheFailureLeftOpen() {
        Track track = Track.off(0);
        track.enter(Phase.METRICS);
        int depth = track.depth();
        track.enter(Phase.FORWARD);
        track.enter(Phase.EXCHANGE);
        track.leaveTo(depth);
        assertThat(track.depth()).isEqualTo(1);
    }

    @Test
    void writeTrace_moreStepsThanItHolds_endsWithTheSameStepOnAllTracks() throws IOException {
        try (Profiler profiler = Profiler.on(1)) {
            profiler.start();
            for (int step = 1; step <= 2500; step++) {
                profiler.stepStarted();
                profiler.leader().enter(Phase.FORWARD);
                profiler.leader().leave();
                profiler.stepEnded(step, 1, 1, 0);
            }
            profiler.stop();
            Path file = folder.resolve("trace.json");
            profiler.writeTrace(file);
            String text = Files.readString(file);
            assertThat(text.split("\"forward\"", -1)).hasSize(2001);
            assertThat(text).contains("\"steps\":2500,\"steps_traced\":2000");
            assertThat(profiler.profile(1, null, NOTHING).tracedSteps()).isEqualTo(2000);
        }
    }

    @Test
    void recording_inTheSteadyState_makesNoObjects() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Scope scope = Scope.open();
                Profiler profiler = Profiler.on(1)) {
            Tensor input = Tensors.of(new float[6], 2, 3);
            profiler.start();
            steps(profiler, input, 100);
            long before = threads.getCurrentThreadAllocatedBytes();
            steps(profiler, input, 1000);
            long made = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(made).as("bytes in 1,000 steps").isLessThan(16_000); // less than one object a step
        }
    }

    @Test
    void flightRecorder_whileItRecords_isToldOfStepsAndPhasesWithoutAProfile() throws IOException {
        List<RecordedEvent> events;
        try (Recording recording = new Recording();
                Profiler profiler = Profiler.off(1)) {
            recording.enable("dev.marquee.Phase").withoutThreshold();
            recording.enable("dev.marquee.Step").withoutThreshold();
            recording.start();
            profiler.stepStarted();
            profiler.leader().enter(Phase.UPDATE);
            profiler.leader().leave();
            profiler.stepEnded(7, 2, 64, 0.25);
            recording.stop();
            Path file = folder.resolve("flight.jfr");
            recording.dump(file);
            events = RecordingFile.readAllEvents(file);
        }
        assertThat(events).hasSize(2);
        RecordedEvent phase = named(events, "dev.marquee.Phase");
        assertThat(phase.getString("phase")).isEqualTo("update");
        assertThat(phase.getInt("replica")).isZero();
        RecordedEvent step = named(events, "dev.marquee.Step");
        assertThat(step.getLong("step")).isEqualTo(7);
        assertThat(step.getInt("epoch")).isEqualTo(2);
        assertThat(step.getInt("samples")).isEqualTo(64);
        assertThat(step.getDouble("loss")).isEqualTo(0.25);
    }

    @Test
    void peakResident_linuxStatus_isTheHighWaterMark() throws IOException {
        Path status = folder.resolve("status");
        Files.writeString(status, "Name:\tjava\nVmPeak:\t 900 kB\nVmHWM:\t  123 kB\n");
        assertThat(Memory.peakResident(status)).isEqualTo(123 * 1024);
        assertThat(Memory.peakResident(folder.resolve("none"))).isNull();
    }

    private static void steps(Profiler profiler, Tensor input, int count) {
        for (int step = 1; step <= count; step++) {
            profiler.stepStarted();
            profiler.leader().enter(Phase.FORWARD);
            Tally.linear(input, input);
            Tally.bytes(input, 2);
            profiler.leader().leave();
            profiler.stepEnded(step, 1, 1, 0);
        }
    }

    private static RecordedEvent named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, Profile.Row> rows(Profile profile) {
        Map<String, Profile.Row> rows = new TreeMap<>();
        profile.phases().forEach(row -> rows.put(row.phase(), row));
        return rows;
    }

    /** Takes some time, without sleeping. */
    private static void work() {
        long until = System.nanoTime() + 200_000;
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }
}
