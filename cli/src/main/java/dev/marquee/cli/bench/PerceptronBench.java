package dev.marquee.cli.bench;

import dev.marquee.measure.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Times the training step of the default recipe's perceptron at several batch sizes. */
public final class PerceptronBench {
    private static final List<Integer> BATCHES = List.of(32, 256, 1024);

    private PerceptronBench() {}

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
        for (int batch : options.batches().isEmpty() ? BATCHES : options.batches()) {
            works.add(() -> Workload.perceptron(batch));
        }
        return BenchRunner.run(options, works);
    }
}
