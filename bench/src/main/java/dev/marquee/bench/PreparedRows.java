package dev.marquee.bench;

import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.data.ClickLogConfig;
import dev.marquee.data.RowDataset;
import dev.marquee.data.SplitConfig;
import dev.marquee.schema.CategoricalFeature;
import dev.marquee.schema.DenseEncoding;
import dev.marquee.schema.DenseFeature;
import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.LabelConfig;
import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.schema.SchemaConfig;
import dev.marquee.schema.SequenceFeature;
import dev.marquee.source.RowSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Rows a second from the prepared form: an epoch of a million shuffled rows of 40 features, one reading thread. */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Dorg.bytedeco.javacpp.nopointergc=true", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"})
public class PreparedRows {
    private static final int ROWS = 1_000_000;
    private static final int DENSE = 13;
    private static final int CHUNK = 4096;

    /** 0: 13 numbers and 27 categories; 1: 26 categories and a sequence of up to 20. */
    @Param({"0", "1"})
    public int sequences;

    @Param({"256", "1024", "4096"})
    public int batchSize;

    private Path folder;
    private RowDataset data;
    private int epoch;

    /** Prepares the rows. */
    @Setup(Level.Trial)
    public void prepare() throws IOException {
        folder = Files.createTempDirectory("marquee-prepared");
        RowDataset.Settings settings = new RowDataset.Settings(
                schema(),
                new SplitConfig(SplitConfig.By.RANDOM, Optional.empty(), 0, 0, 1),
                batchSize,
                /* shuffle= */ true,
                /* shuffleBlocks= */ false,
                ClickLogConfig.Prepared.ALWAYS,
                Optional.of(folder.toString()),
                1,
                4,
                List.of());
        data = RowDataset.open(settings, new Rows(), Optional.empty(), Optional.empty(), 1, notice -> {});
    }

    /** Removes them. */
    @TearDown(Level.Trial)
    public void remove() throws IOException {
        data.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** From the drawing of the order to the last batch. */
    @Benchmark
    @OperationsPerInvocation(ROWS)
    public long epoch() {
        long rows = 0;
        try (BatchStream stream = data.training(++epoch, 0)) {
            for (Batch batch = stream.next(); batch != null; batch = stream.next()) {
                rows += batch.size();
            }
        }
        return rows;
    }

    private SchemaConfig schema() {
        List<FeatureConfig> features = new ArrayList<>();
        for (int i = 0; i < DENSE; i++) {
            features.add(new DenseFeature("d" + i, Optional.empty(), DenseEncoding.STANDARD, 32, Optional.empty()));
        }
        for (int i = 0; i < 40 - DENSE - sequences; i++) {
            features.add(new CategoricalFeature(
                    "c" + i, Optional.empty(), Optional.empty(), 1, Optional.empty(), Optional.of(100_000)));
        }
        if (sequences > 0) {
            features.add(new SequenceFeature(
                    "s",
                    List.of(),
                    "|",
                    Optional.empty(),
                    Optional.empty(),
                    1,
                    Optional.empty(),
                    Optional.of(100_000),
                    20,
                    SequenceFeature.Keep.LAST,
                    "history"));
        }
        return new SchemaConfig(
                features, List.of(LabelConfig.of("y")), Optional.empty(), Optional.empty(), Optional.empty(), false);
    }

    /** Drawn numbers. */
    private static final class Rows implements RowSource {
        @Override
        public String description() {
            return "drawn numbers";
        }

        @Override
        public String fingerprint() {
            return "drawn";
        }

        @Override
        public List<String> columns() {
            List<String> columns = new ArrayList<>(List.of("y", "s"));
            for (int i = 0; i < 40; i++) {
                columns.add("d" + i);
                columns.add("c" + i);
            }
            return columns;
        }

        @Override
        public Reader open(Set<String> wanted) {
            SplittableRandom random = new SplittableRandom(1);
            return new Reader() {
                private int read;

                @Override
                public @Nullable RawChunk next() {
                    int size = Math.min(CHUNK, ROWS - read);
                    if (size == 0) {
                        return null;
                    }
                    Map<String, RawColumn> columns = new LinkedHashMap<>();
                    for (String name : wanted) {
                        columns.put(name, column(name, size, random));
                    }
                    read += size;
                    return new RawChunk("drawn numbers", read - size + 1L, size, columns);
                }

                @Override
                public void close() {}
            };
        }

        private static RawColumn column(String name, int size, SplittableRandom random) {
            return switch (name.charAt(0)) {
                case 'd' -> new RawColumn.Doubles(random.doubles(size).toArray(), null);
                case 's' -> {
                    int[] offsets = new int[size + 1];
                    for (int i = 0; i < size; i++) {
                        offsets[i + 1] = offsets[i] + random.nextInt(21);
                    }
                    yield new RawColumn.Lists(
                            offsets,
                            null,
                            new RawColumn.Longs(
                                    random.longs(offsets[size], 0, 1_000_000).toArray(), null));
                }
                default ->
                    new RawColumn.Longs(
                            random.longs(size, 0, name.equals("y") ? 2 : 1_000_000)
                                    .toArray(),
                            null);
            };
        }
    }
}
