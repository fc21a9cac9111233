package dev.marquee.cli.bench;

import dev.marquee.measure.Roofline;
import dev.marquee.measure.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What all benchmarks of steps share: the peer's life, the roof, a row for each workload. */
final class BenchRunner {
    private BenchRunner() {}

    static BenchReport run(BenchOptions options, List<Supplier<Workload>> works)
            throws PeerException, InterruptedException {
        if (options.peer().isEmpty()) {
            return run(options, works, null);
        }
        try (Peer peer = Peer.start(options.peer().get())) {
            return run(options, works, peer);
        }
    }

    private static BenchReport run(BenchOptions options, List<Supplier<Workload>> works, @Nullable Peer peer)
            throws PeerException, InterruptedException {
        Roofline roofline = Roofline.measure(options.threads());
        StepBench bench = new StepBench(options, roofline, peer);
        List<BenchRow> rows = new ArrayList<>();
        for (Supplier<Workload> maker : works) {
            try (Workload work = maker.get()) {
                rows.add(bench.run(work));
            }
        }
        return new BenchReport(
                options.threads(), roofline, Optional.ofNullable(peer).map(Peer::name), rows);
    }
}
