package dev.marquee.cli.bench;

import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.data.ClickLogConfig;
import dev.marquee.data.PreparedReport;
import dev.marquee.data.RowDataset;
import dev.marquee.data.RowStream;
import dev.marquee.data.SplitConfig;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.schema.SchemaFitter;
import dev.marquee.source.FileSource;
import dev.marquee.source.RowSource;
import dev.marquee.source.SourceConfig;
import dev.marquee.source.TableWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The ways of one log from files to batches, each to be timed. */
final class DataWork implements AutoCloseable {
    static final double CSV_TARGET = 100_000;
    static final double PARQUET_TARGET = 300_000;
    static final double PREPARED_TARGET = 2_000_000;

    private static final List<Integer> BATCHES = List.of(1024, 4096);
    private static final int PREFETCH = 4;
    private static final long HELD = 100_000;

    private final Path folder;
    private final MadeLog log;
    private final FileSource csv;
    private final FileSource parquet;
    private final long csvBytes;
    private final long parquetBytes;
    private final FeatureSchema schema;
    private final List<RowDataset> prepared = new ArrayList<>();
    private final long preparedBytes;
    private int epoch;
    private int folders;

    /**
     * A way to be timed.
     *
     * @param name of the row
     * @param target rows a second that it should reach; 0 for none
     * @param bytes of a row where it is read from, or written to; 0 where that says nothing
     * @param read does it
     */
    record Way(String name, double target, double bytes, Read read) {}

    /** Reads from the first row on. */
    @FunctionalInterface
    interface Read {
        /**
         * Reads once.
         *
         * @param enough whether it may stop
         * @return how many rows were read: all there are, or what was read until it was enough
         */
        long rows(BooleanSupplier enough);
    }

    /** Writes the files, and learns the schema from the rows. */
    DataWork(Path folder, MadeLog log) {
        this.folder = folder;
        this.log = log;
        Path asCsv = folder.resolve("log.csv");
        Path asParquet = folder.resolve("log.parquet");
        write(asCsv);
        write(asParquet);
        csv = FileSource.open(SourceConfig.DEFAULT, Optional.of(asCsv.toString()));
        parquet = FileSource.open(SourceConfig.DEFAULT, Optional.of(asParquet.toString()));
        csvBytes = size(asCsv);
        parquetBytes = size(asParquet);
        PreparedReport report =
                RowDataset.prepare(settings(1, folder), parquet, Optional.empty(), Optional.empty(), notice -> {});
        preparedBytes = report.bytes();
        for (int batch : BATCHES) {
            prepared.add(RowDataset.open(
                    settings(batch, folder), parquet, Optional.empty(), Optional.empty(), 1, notice -> {}));
        }
        schema = prepared.get(0).schema().orElseThrow();
    }

    /** All ways, from the slowest source to the fastest. */
    List<Way> ways() {
        HeldRows texts = HeldRows.of(csv, HELD);
        HeldRows typed = HeldRows.of(parquet, HELD);
        double csvRow = (double) csvBytes / log.rows();
        double parquetRow = (double) parquetBytes / log.rows();
        double preparedRow = (double) preparedBytes / log.rows();
        List<Way> ways = new ArrayList<>();
        ways.add(new Way("CSV, rows read", 0, csvRow, enough -> raw(csv, enough)));
        ways.add(new Way("CSV to batches", CSV_TARGET, csvRow, enough -> batches(csv, enough)));
        ways.add(new Way("Parquet, rows read", 0, parquetRow, enough -> raw(parquet, enough)));
        ways.add(new Way("Parquet to batches", PARQUET_TARGET, parquetRow, enough -> batches(parquet, enough)));
        ways.add(new Way("encoding, all columns texts", 0, 0, enough -> encode(texts, enough)));
        ways.add(new Way("encoding, numbers as numbers", 0, 0, enough -> encode(typed, enough)));
        ways.add(new Way("learning a schema", 0, 0, enough -> learn(typed)));
        ways.add(new Way("learning, encoding, writing prepared", 0, preparedRow, enough -> prepare(typed)));
        for (int i = 0; i < BATCHES.size(); i++) {
            RowDataset data = prepared.get(i);
            ways.add(new Way(
                    "prepared, shuffled, batch " + BATCHES.get(i),
                    PREPARED_TARGET,
                    preparedRow,
                    enough -> drain(data.training(++epoch, 0), enough)));
        }
        return ways;
    }

    @Override
    public void close() {
        prepared.forEach(RowDataset::close);
    }

    private void write(Path file) {
        try (TableWriter writer = TableWriter.open(file);
                RowSource.Reader reader = log.open(new LinkedHashSet<>(log.columns()))) {
            for (RawChunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                Map<String, RawColumn> columns = new LinkedHashMap<>();
                for (String name : log.columns()) {
                    columns.put(name, Objects.requireNonNull(chunk.column(name)));
                }
                writer.write(chunk.rows(), columns);
            }
            writer.commit();
        }
    }

    private static long raw(RowSource source, BooleanSupplier enough) {
        long rows = 0;
        try (RowSource.Reader reader = source.open(new LinkedHashSet<>(source.columns()))) {
            for (RawChunk chunk = reader.next(); chunk != null; chunk = enough.getAsBoolean() ? null : reader.next()) {
                rows += chunk.rows();
            }
        }
        return rows;
    }

    private long batches(RowSource source, BooleanSupplier enough) {
        return drain(RowStream.open(schema, source, List.of(), BATCHES.get(0), PREFETCH), enough);
    }

    private static long drain(BatchStream opened, BooleanSupplier enough) {
        long rows = 0;
        try (BatchStream stream = opened) {
            for (Batch batch = stream.next(); batch != null; batch = enough.getAsBoolean() ? null : stream.next()) {
                rows += batch.size();
            }
        }
        return rows;
    }

    private long encode(HeldRows held, BooleanSupplier enough) {
        long rows = 0;
        for (RawChunk chunk : held.chunks()) {
            rows += schema.encode(chunk).rows();
            if (enough.getAsBoolean()) {
                break;
            }
        }
        return rows;
    }

    private long learn(HeldRows held) {
        SchemaFitter fitter = SchemaFitter.of(log.schema());
        long rows = 0;
        for (RawChunk chunk : held.chunks()) {
            boolean[] all = new boolean[chunk.rows()];
            Arrays.fill(all, true);
            fitter.add(chunk, all);
            rows += all.length;
        }
        fitter.fit();
        return rows;
    }

    private long prepare(HeldRows held) {
        Path target = folder.resolve("again" + ++folders);
        PreparedReport report =
                RowDataset.prepare(settings(1, target), held, Optional.empty(), Optional.empty(), notice -> {});
        try {
            BenchFolder.delete(target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return report.training();
    }

    private RowDataset.Settings settings(int batch, Path target) {
        return new RowDataset.Settings(
                log.schema(),
                new SplitConfig(SplitConfig.By.RANDOM, Optional.empty(), 0, 0, 1),
                batch,
                /* shuffle= */ true,
                /* shuffleBlocks= */ false,
                ClickLogConfig.Prepared.ALWAYS,
                Optional.of(target.resolve("prepared").toString()),
                1,
                PREFETCH,
                List.of());
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
