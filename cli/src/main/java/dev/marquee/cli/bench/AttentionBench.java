package dev.marquee.cli.bench;

import dev.marquee.measure.AttentionShape;
import dev.marquee.measure.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Times training steps of multi-head attention, with the scores returned and fused. */
public final class AttentionBench {

    private AttentionBench() {}

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
        for (AttentionShape shape : AttentionShape.ALL) {
            works.add(() -> Workload.attention(shape, false));
            works.add(() -> Workload.attention(shape, true));
        }
        return BenchRunner.run(options, works);
    }
}
