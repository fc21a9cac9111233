package dev.marquee.cli.bench;

import dev.marquee.measure.Interleaved;
import dev.marquee.measure.Interleaved.Alternative;
import dev.marquee.measure.Interleaved.Series;
import dev.marquee.measure.Roofline;
import dev.marquee.measure.Spread;
import dev.marquee.measure.Workload;
import dev.marquee.tensor.DType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Times a workload here and, in turn, on the other side. */
final class StepBench {
    static final double TURN_SECONDS = 0.2;
    /** Both sides' waiting threads have gone to sleep by then. */
    private static final long PAUSE_MILLIS = 50;

    /** The other side may be a hundred times slower. */
    private static final Duration PATIENCE = Duration.ofSeconds(60 + Math.round(100 * TURN_SECONDS));

    private static final Duration COMPILING = Duration.ofMinutes(10);

    private final BenchOptions options;
    private final Roofline roofline;
    private final @Nullable Peer peer;

    /**
     * @param options how
     * @param roofline measured with as many threads
     * @param peer the other side, if any
     */
    StepBench(BenchOptions options, Roofline roofline, @Nullable Peer peer) {
        this.options = options;
        this.roofline = roofline;
        this.peer = peer;
    }

    BenchRow run(Workload work) throws PeerException, InterruptedException {
        work.usePrecision(options.precision());
        work.useThreads(options.threads(), options.replicas());
        int steps = stepsIn(TURN_SECONDS, work);
        List<Alternative<PeerException>> sides = new ArrayList<>();
        sides.add(new Alternative<>("here", () -> seconds(work, steps)));
        String fault = null;
        if (peer != null) {
            sides.add(peer(peer, work, steps, /* compiled= */ false));
            if (options.compile() && peer.compiles()) {
                fault = peer.prepare(description(work), options.threads(), COMPILING)
                        .orElse(null);
                if (fault == null) {
                    sides.add(peer(peer, work, steps, /* compiled= */ true));
                }
            }
        }
        int turns = turns(options.seconds());
        return row(work, steps, Interleaved.run(sides, 1, turns, peer == null ? 0 : PAUSE_MILLIS), fault);
    }

    private Alternative<PeerException> peer(Peer other, Workload work, int steps, boolean compiled) {
        return new Alternative<>(
                compiled ? "compiled" : "eager",
                () -> other.seconds(description(work), compiled, steps, options.threads(), PATIENCE));
    }

    /** The work in the other side's words; float32 goes without saying. */
    private Map<String, Object> description(Workload work) {
        if (options.peerPrecision() == DType.FLOAT32) {
            return work.description();
        }
        Map<String, Object> all = new HashMap<>(work.description());
        all.put("precision", BenchOptions.text(options.peerPrecision()));
        return all;
    }

    /** The row of measured series: ours first, then those of the other side, eager first, if there is one. */
    BenchRow row(Workload work, int steps, List<Series> series, @Nullable String fault) {
        Series here = series.get(0);
        Spread taken = here.seconds();
        double samples = (double) work.samples() * steps;
        double gflops = work.flops() * steps / taken.median() / 1e9;
        Series best = series.stream()
                .skip(1)
                .min(Comparator.comparingDouble(one -> one.seconds().median()))
                .orElse(null);
        Interleaved.Ratio faster = best == null ? null : here.fasterThan(best);
        return new BenchRow(
                options.named(work.name()),
                "samples/s",
                samples / taken.median(),
                best == null ? null : Double.valueOf(samples / best.seconds().median()),
                faster == null ? null : Double.valueOf(faster.ofMedians()),
                options.precision() == DType.BFLOAT16 ? roofline.percentOfBfloat16(gflops) : roofline.percent(gflops),
                gflops,
                100 * taken.relative(),
                faster == null ? null : Double.valueOf(faster.pairwise().min()),
                faster == null ? null : Double.valueOf(faster.pairwise().max()),
                rate(samples, series, 1),
                rate(samples, series, 2),
                fault,
                work.replicas());
    }

    private static @Nullable Double rate(double samples, List<Series> series, int index) {
        return index < series.size() ? samples / series.get(index).seconds().median() : null;
    }

    /** How many turns are measured in that time, at least 3. */
    static int turns(double seconds) {
        return Math.max(3, (int) Math.round(seconds / TURN_SECONDS));
    }

    /** How many steps take about that long, after enough of them to be warm. */
    static int stepsIn(double turn, Workload work) {
        seconds(work, 2);
        int steps = 1;
        double taken = seconds(work, steps);
        while (taken < turn / 2) {
            steps *= 2;
            taken = seconds(work, steps);
        }
        return Math.max(1, (int) Math.round(steps * turn / taken));
    }

    static double seconds(Workload work, int steps) {
        work.step(); // wakes the threads; not counted, there as here
        long start = System.nanoTime();
        for (int i = 0; i < steps; i++) {
            work.step();
        }
        return (System.nanoTime() - start) / 1e9;
    }
}
