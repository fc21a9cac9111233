package dev.marquee.data;

import dev.marquee.schema.BagFeature;
import dev.marquee.schema.CategoricalFeature;
import dev.marquee.schema.DenseFeature;
import dev.marquee.schema.LabelConfig;
import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.schema.SchemaConfig;
import dev.marquee.schema.SequenceFeature;
import dev.marquee.source.RowSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Rows whose every column follows from the number in the column {@code x}. */
final class FakeRows implements RowSource {
    static final List<String> COLUMNS = List.of("x", "c", "tags", "seq", "y", "w", "g", "t");

    private final String name;
    private final int from;
    private final int count;
    private final int chunk;
    private final List<String> columns;
    final AtomicInteger opened = new AtomicInteger();
    volatile String fingerprint;
    volatile int missing;

    FakeRows(String name, int from, int count, int chunk, List<String> columns) {
        this.name = name;
        this.from = from;
        this.count = count;
        this.chunk = chunk;
        this.columns = columns;
        this.fingerprint = name + from + "+" + count;
    }

    static FakeRows of(int from, int count) {
        return new FakeRows("rows.csv", from, count, 7, COLUMNS);
    }

    static SchemaConfig schema() {
        DenseFeature dense = DenseFeature.DEFAULT;
        return new SchemaConfig(
                List.of(
                        new DenseFeature("x", dense.column(), dense.encoding(), dense.bins(), dense.missing()),
                        new CategoricalFeature(
                                "c", Optional.empty(), Optional.empty(), 1, Optional.empty(), Optional.empty()),
                        new BagFeature(
                                "tags",
                                List.of(),
                                "|",
                                Optional.empty(),
                                1,
                                Optional.empty(),
                                Optional.empty(),
                                9,
                                BagFeature.Pooling.MEAN),
                        new SequenceFeature(
                                "seq",
                                List.of(),
                                "|",
                                Optional.empty(),
                                Optional.empty(),
                                1,
                                Optional.empty(),
                                Optional.empty(),
                                9,
                                SequenceFeature.Keep.LAST,
                                "history")),
                List.of(LabelConfig.of("y")),
                Optional.of("w"),
                Optional.of("g"),
                Optional.of("t"),
                false);
    }

    /** Not in the order of the rows, and with ties. */
    static long time(int x) {
        return Math.floorMod(x * 37L, 101) / 2;
    }

    static int[] tags(int x) {
        int[] tags = new int[x % 4];
        Arrays.fill(tags, 3 + x % 50);
        return tags;
    }

    static int[] sequence(int x) {
        int[] sequence = new int[x % 6];
        for (int i = 0; i < sequence.length; i++) {
            sequence[i] = 3 + x % 50 + i;
        }
        return sequence;
    }

    @Override
    public String description() {
        return name;
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public Reader open(Set<String> wanted) {
        opened.incrementAndGet();
        return new Reader() {
            private int at;

            @Override
            public @Nullable RawChunk next() {
                int size = Math.min(chunk, count - missing - at);
                if (size <= 0) {
                    return null;
                }
                RawChunk made = make(from + at, at + 1, size, wanted);
                at += size;
                return made;
            }

            @Override
            public void close() {}
        };
    }

    private RawChunk make(int first, int row, int size, Set<String> wanted) {
        Map<String, RawColumn> made = new LinkedHashMap<>();
        for (String column : wanted) {
            if (!columns.contains(column)) {
                throw new AssertionError("asked for " + column);
            }
            made.put(
                    column,
                    switch (column) {
                        case "x" -> longs(size, i -> first + i);
                        case "c" -> texts(first, size);
                        case "tags" -> lists(size, i -> tags(first + i));
                        case "seq" -> lists(size, i -> sequence(first + i));
                        case "y" -> longs(size, i -> (first + i) % 2);
                        case "w" -> doubles(first, size);
                        case "g" -> longs(size, i -> (first + i) / 4);
                        default -> longs(size, i -> time(first + i));
                    });
        }
        return new RawChunk(name, row, size, made);
    }

    private interface LongValue {
        long at(int row);
    }

    private interface ListValue {
        int[] at(int row);
    }

    private static RawColumn longs(int size, LongValue value) {
        long[] values = new long[size];
        for (int i = 0; i < size; i++) {
            values[i] = value.at(i);
        }
        return new RawColumn.Longs(values, null);
    }

    private static RawColumn doubles(int first, int size) {
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = (first + i) % 3 + 0.5;
        }
        return new RawColumn.Doubles(values, null);
    }

    /** The category of every eleventh row is unknown. */
    private static RawColumn texts(int first, int size) {
        @Nullable String[] values = new String[size];
        for (int i = 0; i < size; i++) {
            values[i] = (first + i) % 11 == 0 ? null : "c" + (first + i) % 7;
        }
        return RawColumn.Texts.of(values);
    }

    private static RawColumn lists(int size, ListValue value) {
        int[] offsets = new int[size + 1];
        for (int i = 0; i < size; i++) {
            offsets[i + 1] = offsets[i] + value.at(i).length;
        }
        long[] elements = new long[offsets[size]];
        for (int i = 0; i < size; i++) {
            int[] list = value.at(i);
            for (int j = 0; j < list.length; j++) {
                elements[offsets[i] + j] = list[j];
            }
        }
        return new RawColumn.Lists(offsets, null, new RawColumn.Longs(elements, null));
    }
}
