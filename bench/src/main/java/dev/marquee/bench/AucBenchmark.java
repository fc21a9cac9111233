package dev.marquee.bench;

import dev.marquee.metric.Auc;
import dev.marquee.metric.ClickMetrics;
import dev.marquee.metric.Scale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The metrics of a million rows, from the first row to the value, on one thread. */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AucBenchmark {
    private static final int ROWS = 1_000_000;
    private static final int GROUPS = 10_000;

    private float[] logits;
    private float[] labels;
    private long[] groups;

    /** Makes the rows. */
    @Setup(Level.Trial)
    public void open() {
        SplittableRandom random = new SplittableRandom(1);
        logits = new float[ROWS];
        labels = new float[ROWS];
        groups = new long[ROWS];
        for (int i = 0; i < ROWS; i++) {
            logits[i] = (float) (8 * random.nextDouble() - 6);
            labels[i] = random.nextDouble() < Scale.LOGIT.probability(logits[i]) ? 1 : 0;
            groups[i] = random.nextInt(GROUPS);
        }
    }

    /** Keeps and sorts every row. */
    @Benchmark
    public double exact() {
        Auc auc = Auc.exact();
        auc.add(logits, labels, null);
        return auc.value();
    }

    /** A histogram. */
    @Benchmark
    public double binned() {
        Auc auc = Auc.binned(Scale.LOGIT);
        auc.add(logits, labels, null);
        return auc.value();
    }

    /** All measures, every row kept. */
    @Benchmark
    public Map<String, Double> allExact() {
        ClickMetrics metrics = ClickMetrics.exact(Scale.LOGIT);
        metrics.add(logits, labels, null, groups);
        return metrics.values();
    }

    /** All measures but the grouped AUC, any number of rows. */
    @Benchmark
    public Map<String, Double> allStreaming() {
        ClickMetrics metrics = ClickMetrics.streaming(Scale.LOGIT);
        metrics.add(logits, labels, null, null);
        return metrics.values();
    }
}
