package dev.marquee.cli.bench;

import dev.marquee.measure.Interleaved;
import dev.marquee.measure.Interleaved.Alternative;
import dev.marquee.measure.Roofline;
import dev.marquee.measure.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Times training steps on an embedding table of ten million rows in turn with the same steps on one of a hundred thousand
 * rows, to show that the speed does not depend on the rows. Both tables are in memory at once: about 4 GB with what Adam
 * remembers.
 */
public final class TableSizeBench {
    private static final int LARGE = 10_000_000;
    private static final int SMALL = 100_000;
    private static final int BATCH = 1024;

    private TableSizeBench() {}

    /**
     * Measures, at first the machine's roof, then DeepFM's whole step, then what it does for a table alone.
     *
     * @param options how; the peer is not used
     * @return the report, in which the small table is the peer
     * @throws PeerException never
     * @throws InterruptedException when the thread is interrupted
     */
    public static BenchReport run(BenchOptions options) throws PeerException, InterruptedException {
        return run(options, LARGE, SMALL, BATCH);
    }

    static BenchReport run(BenchOptions options, int large, int small, int batch)
            throws PeerException, InterruptedException {
        Roofline roofline = Roofline.measure(options.threads());
        StepBench bench = new StepBench(options, roofline, null);
        List<BenchRow> rows = new ArrayList<>();
        rows.add(compare(bench, options, rowCount -> Workload.ranking(batch, rowCount, true), large, small));
        rows.add(compare(bench, options, rowCount -> Workload.embeddings(batch, rowCount), large, small));
        String peer = String.format(Locale.ROOT, "%,d rows", small);
        return new BenchReport(options.threads(), roofline, Optional.of(peer), rows);
    }

    private static BenchRow compare(
            StepBench bench, BenchOptions options, IntFunction<Workload> maker, int large, int small)
            throws PeerException, InterruptedException {
        try (Workload here = maker.apply(large);
                Workload peer = maker.apply(small)) {
            here.useThreads(options.threads());
            peer.useThreads(options.threads());
            int steps = StepBench.stepsIn(StepBench.TURN_SECONDS, here);
            int turns = StepBench.turns(options.seconds());
            List<Alternative<PeerException>> sides = List.of(
                    new Alternative<>("here", () -> StepBench.seconds(here, steps)),
                    new Alternative<>("peer", () -> StepBench.seconds(peer, steps)));
            return bench.row(here, steps, Interleaved.run(sides, 1, turns, 0), null);
        }
    }
}
