package dev.marquee.profile;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records where the time of a training goes. The thread that leads the training is replica 0; it starts the profiler,
 * tells it of each step, and reads it while the other replicas rest. In the steady state recording makes no objects.
 */
public final class Profiler implements AutoCloseable {
    /** A trace of more steps is slow to open. */
    private static final int TRACED_STEPS = 2000;
    /** Waiting, forward, twice backward, exchange, update, and what stands between steps. */
    private static final int EVENTS_PER_STEP = 10;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final boolean on;
    private final List<Track> tracks = new ArrayList<>();
    private final Track leader;
    private final Map<Phase, Durations> windows = new EnumMap<>(Phase.class);
    private final long[] seen = new long[Phase.count()];
    private final Durations steps = new Durations();
    private final Durations heap = new Durations();
    private final TraceEvents traced;
    private long samples;
    private long started;
    private long stopped;
    private long stepBegan;
    private long heapBefore;
    private @Nullable StepEvent flight;

    private Profiler(boolean on, int replicas) {
        this.on = on;
        for (int i = 0; i < replicas; i++) {
            tracks.add(on ? Track.on(i, new TraceEvents(TRACED_STEPS * EVENTS_PER_STEP)) : Track.off(i));
        }
        leader = tracks.get(0);
        traced = on ? new TraceEvents(TRACED_STEPS) : TraceEvents.NONE;
        if (on) {
            for (int i = 0; i < Phase.count(); i++) {
                windows.put(Phase.of(i), new Durations());
            }
            Tally.opened();
        }
    }

    /**
     * Makes one that records.
     *
     * @param replicas how many threads train, at least 1
     * @return close it on the thread that starts it
     */
    public static Profiler on(int replicas) {
        return new Profiler(/* on= */ true, replicas);
    }

    /**
     * Makes one that records nothing, but tells JDK Flight Recorder.
     *
     * @param replicas how many threads train, at least 1
     * @return close it
     */
    public static Profiler off(int replicas) {
        return new Profiler(/* on= */ false, replicas);
    }

    /**
     * Whether it records.
     *
     * @return false for one that is off
     */
    public boolean recording() {
        return on;
    }

    /**
     * The track of the thread that leads.
     *
     * @return replica 0
     */
    public Track leader() {
        return leader;
    }

    /**
     * A track for each replica.
     *
     * @return in their order
     */
    public List<Track> tracks() {
        return List.copyOf(tracks);
    }

    /** The clock begins. */
    public void start() {
        if (on) {
            leader.start();
            started = System.nanoTime();
        }
    }

    /** A step begins: its batch is there. */
    public void stepStarted() {
        if (Flight.wantsSteps()) {
            flight = new StepEvent();
            flight.begin();
        }
        if (on) {
            heapBefore = allocated();
            stepBegan = System.nanoTime();
        }
    }

    /**
     * A step ended.
     *
     * @param step its number, from 1
     * @param epoch its epoch, from 1
     * @param size how many samples it saw
     * @param loss its loss
     */
    public void stepEnded(long step, int epoch, int size, double loss) {
        if (on) {
            long now = System.nanoTime();
            steps.add(now - stepBegan);
            heap.add(Math.max(0, allocated() - heapBefore));
            samples += size;
            mark();
            traced.add(0, stepBegan, now);
            limitTrace();
        }
        StepEvent event = flight;
        if (event != null) {
            flight = null;
            event.end();
            event.step = step;
            event.epoch = epoch;
            event.samples = size;
            event.loss = loss;
            if (event.shouldCommit()) {
                event.commit();
            }
        }
    }

    /** What comes next counts as another time, as it does after each step. */
    public void mark() {
        if (!on) {
            return;
        }
        leader.settle();
        for (int i = 0; i < seen.length; i++) {
            Phase phase = Phase.of(i);
            long nanos = leader.nanos(phase);
            if (nanos > seen[i]) {
                windowOf(phase).add(nanos - seen[i]);
                seen[i] = nanos;
            }
        }
    }

    /** The clock stops. */
    public void stop() {
        if (on) {
            mark();
            stopped = System.nanoTime();
        }
    }

    /**
     * What was recorded from start to stop.
     *
     * @param threads how many threads the training used
     * @param roof what the machine can do at most; null if it was not measured
     * @param memory what was kept
     * @return the figures
     * @throws IllegalStateException when it is off or was not stopped
     */
    public Profile profile(int threads, @Nullable Roof roof, Memory memory) {
        if (stopped == 0) {
            throw new IllegalStateException("there is no profile: the profiler is off, or was not started and stopped");
        }
        double seconds = (stopped - started) / 1e9;
        List<Profile.Row> rows = new ArrayList<>();
        windows.forEach((phase, times) -> rows.add(row(phase, times, seconds, roof)));
        return new Profile(
                seconds,
                steps.count(),
                samples,
                threads,
                Profile.Times.of(steps),
                rows,
                tracks.stream().map(Profiler::lane).toList(),
                roof,
                memory,
                heap.quantile(0.5),
                traced.count());
    }

    /**
     * Writes the phases of the first steps as events that Perfetto and Chrome show.
     *
     * @param file where to
     * @throws IOException when it cannot be written
     */
    public void writeTrace(Path file) throws IOException {
        TraceWriter.write(file, started, tracks, traced, steps.count());
    }

    @Override
    public void close() {
        if (on) {
            Tally.closed();
        }
    }

    /** The trace ends with the same step on all tracks. */
    private void limitTrace() {
        boolean full = traced.full();
        for (int i = 0; i < tracks.size(); i++) {
            full |= tracks.get(i).trace().full();
        }
        if (full) {
            traced.stop();
            for (int i = 0; i < tracks.size(); i++) {
                tracks.get(i).trace().stop();
            }
        }
    }

    private Durations windowOf(Phase phase) {
        Durations times = windows.get(phase);
        if (times == null) {
            throw new AssertionError(phase);
        }
        return times;
    }

    private Profile.Row row(Phase phase, Durations times, double all, @Nullable Roof roof) {
        double seconds = leader.nanos(phase) / 1e9;
        double gflop = tracks.stream().mapToDouble(track -> track.flop(phase)).sum() / 1e9;
        double gigabytes =
                tracks.stream().mapToDouble(track -> track.bytes(phase)).sum() / 1e9;
        double flopRate = rate(gflop, seconds);
        double byteRate = rate(gigabytes, seconds);
        return new Profile.Row(
                phase.key(),
                seconds,
                all > 0 ? seconds / all : 0,
                Profile.Times.of(times),
                gflop,
                flopRate,
                gigabytes,
                byteRate,
                phase.bound().key(),
                roof == null ? null : percent(phase.bound(), flopRate, byteRate, roof));
    }

    private static @Nullable Double percent(Phase.Bound bound, double flopRate, double byteRate, Roof roof) {
        double percent = switch (bound) {
            case PRODUCTS -> 100 * flopRate / roof.gflops();
            case MEMORY -> 100 * byteRate / roof.gigabytesPerSecond();
            case NOTHING -> 0;
        };
        return percent > 0 ? percent : null;
    }

    private static Profile.Lane lane(Track track) {
        return new Profile.Lane(
                track.replica(),
                track.nanos(Phase.FORWARD) / 1e9,
                track.nanos(Phase.BACKWARD) / 1e9,
                (track.flop(Phase.FORWARD) + track.flop(Phase.BACKWARD)) / 1e9);
    }

    private static double rate(double amount, double seconds) {
        return seconds > 0 ? amount / seconds : 0;
    }

    /** What all training threads have allocated since they began. */
    private long allocated() {
        long sum = 0;
        for (int i = 0; i < tracks.size(); i++) {
            Thread thread = tracks.get(i).thread();
            if (thread != null) {
                sum += THREADS.getThreadAllocatedBytes(thread.getId());
            }
        }
        return sum;
    }
}
