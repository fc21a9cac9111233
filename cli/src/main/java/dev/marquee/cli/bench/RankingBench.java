package dev.marquee.cli.bench;

import dev.marquee.measure.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Times DeepFM's training step on click data with a million rows, and those of DIN and BST on histories of 50. The other side does it with sparse gradients
 * (SparseAdam) and, in rows that say so, with dense ones; "% of roof" tells how near the step is to the time that its matrix products
 * alone would take.
 */
public final class RankingBench {
    private static final List<Integer> BATCHES = List.of(1024, 4096);
    private static final int ROWS = 1_000_000;
    private static final int HISTORY_BATCH = 512;
    private static final int HISTORY = 50;

    private RankingBench() {}

    /**
     * Measures, at first the machine's roof, then row by row.
     *
     * @param options how
     * @return the report
     * @throws PeerException when the other side cannot be started or fails
     * @throws InterruptedException when the thread is interrupted
     */
    public static BenchReport run(BenchOptions options) throws PeerException, InterruptedException {
        List<Supplier<Workload>> works = new ArrayList<>();
        for (int batch : BATCHES) {
            works.add(() -> Workload.ranking(batch, ROWS, true));
            if (options.peer().isPresent()) {
                works.add(() -> Workload.ranking(batch, ROWS, false));
            }
        }
        works.add(() -> Workload.history("din", HISTORY_BATCH, HISTORY));
        works.add(() -> Workload.history("bst", HISTORY_BATCH, HISTORY));
        return BenchRunner.run(options, works);
    }
}
