package dev.marquee.bench;

import dev.marquee.measure.Zipf;
import dev.marquee.schema.CategoricalFeature;
import dev.marquee.schema.DenseEncoding;
import dev.marquee.schema.DenseFeature;
import dev.marquee.schema.EncodedChunk;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.schema.LabelConfig;
import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.schema.SchemaConfig;
import dev.marquee.schema.SchemaFitter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Encoding one value a row: a category by its vocabulary, and a number by each encoding. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EncodeRows {
    private static final int ROWS = 100_000;
    private static final int VALUES = 1_000_000;

    /** What is encoded. */
    @Param({"category", "STANDARD", "SIGNED_LOG", "QUANTILE", "PIECEWISE_LINEAR"})
    public String feature;

    private FeatureSchema schema;
    private RawChunk chunk;

    /** Makes the rows and learns from them. */
    @Setup(Level.Trial)
    public void open() {
        SplittableRandom random = new SplittableRandom(1);
        String[] texts = new String[ROWS];
        long[] numbers = new long[ROWS];
        long[] labels = new long[ROWS];
        for (int i = 0; i < ROWS; i++) {
            numbers[i] = Zipf.rank(random.nextDouble(), VALUES);
            texts[i] = Long.toHexString(numbers[i]);
            labels[i] = i % 2;
        }
        chunk = new RawChunk(
                "drawn",
                1,
                ROWS,
                Map.of(
                        "category",
                        RawColumn.Texts.of(texts),
                        "number",
                        new RawColumn.Longs(numbers, null),
                        "y",
                        new RawColumn.Longs(labels, null)));
        boolean[] all = new boolean[ROWS];
        Arrays.fill(all, true);
        SchemaFitter fitter = SchemaFitter.of(new SchemaConfig(
                List.of(
                        feature.equals("category")
                                ? new CategoricalFeature(
                                        "category",
                                        Optional.empty(),
                                        Optional.empty(),
                                        1,
                                        Optional.empty(),
                                        Optional.empty())
                                : new DenseFeature(
                                        "number",
                                        Optional.empty(),
                                        DenseEncoding.valueOf(feature),
                                        32,
                                        Optional.empty())),
                List.of(LabelConfig.of("y")),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false));
        fitter.add(chunk, all);
        schema = fitter.fit();
    }

    /** The time of one row. */
    @Benchmark
    @OperationsPerInvocation(ROWS)
    public EncodedChunk encode() {
        return schema.encode(chunk);
    }
}
