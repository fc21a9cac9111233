package dev.marquee.cli.bench;

import dev.marquee.measure.Interleaved;
import dev.marquee.measure.Interleaved.Alternative;
import dev.marquee.measure.Interleaved.Series;
import dev.marquee.measure.Roofline;
import dev.marquee.measure.Spread;
import dev.marquee.measure.Workload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Times a workload here and, in turn, on the other side. */
final class StepBench {
    static final double TURN_SECONDS = 0.2;
    /** Both sides' waiting threads have gone to sleep by then. */
    private static final long PAUSE_MILLIS = 50;

    private final int threads;
    private final double seconds;
    private final Roofline roofline;
    private final @Nullable Peer peer;

    /**
     * @param threads for both sides
     * @param seconds of measuring for a row and side
     * @param roofline measured with as many threads
     * @param peer the other side, if any
     */
    StepBench(int threads, double seconds, Roofline roofline, @Nullable Peer peer) {
        this.threads = threads;
        this.seconds = seconds;
        this.roofline = roofline;
        this.peer = peer;
    }

    BenchRow run(Workload work) throws PeerException, InterruptedException {
        work.useThreads(threads);
        int steps = stepsIn(TURN_SECONDS, work);
        int turns = turns(seconds);
        List<Alternative<PeerException>> sides = new ArrayList<>();
        sides.add(new Alternative<>("here", () -> seconds(work, steps)));
        if (peer != null) {
            // Generous: the other side may be a hundred times slower.
            Duration patience = Duration.ofSeconds(60 + Math.round(100 * TURN_SECONDS));
            sides.add(new Alternative<>("peer", () -> peer.seconds(work.description(), steps, threads, patience)));
        }
        return row(work, steps, Interleaved.run(sides, 1, turns, peer == null ? 0 : PAUSE_MILLIS));
    }

    /** The row of measured series: ours first, the other side's second if there is one. */
    BenchRow row(Workload work, int steps, List<Series> series) {
        Series here = series.get(0);
        Spread taken = here.seconds();
        double samples = (double) work.samples() * steps;
        double gflops = work.flops() * steps / taken.median() / 1e9;
        Double theirs = null;
        Double ratio = null;
        Double low = null;
        Double high = null;
        if (series.size() > 1) {
            Interleaved.Ratio faster = here.fasterThan(series.get(1));
            theirs = samples / series.get(1).seconds().median();
            ratio = faster.ofMedians();
            low = faster.pairwise().min();
            high = faster.pairwise().max();
        }
        return new BenchRow(
                work.name(),
                "samples/s",
                samples / taken.median(),
                theirs,
                ratio,
                roofline.percent(gflops),
                gflops,
                100 * taken.relative(),
                low,
                high);
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
