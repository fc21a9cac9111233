package dev.marquee.schema;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Small logs and configs for tests. */
final class Logs {
    private Logs() {}

    static RawColumn.Longs longs(@Nullable Long... values) {
        long[] numbers = new long[values.length];
        boolean[] nulls = new boolean[values.length];
        for (int i = 0; i < values.length; i++) {
            Long value = values[i];
            nulls[i] = value == null;
            numbers[i] = value == null ? 77 : value;
        }
        return new RawColumn.Longs(numbers, nulls);
    }

    static RawColumn.Doubles doubles(double... values) {
        return new RawColumn.Doubles(values, null);
    }

    static RawColumn.Doubles doublesWithNulls(@Nullable Double... values) {
        double[] numbers = new double[values.length];
        boolean[] nulls = new boolean[values.length];
        for (int i = 0; i < values.length; i++) {
            Double value = values[i];
            nulls[i] = value == null;
            numbers[i] = value == null ? 77 : value;
        }
        return new RawColumn.Doubles(numbers, nulls);
    }

    static RawColumn.Texts texts(@Nullable String... values) {
        return RawColumn.Texts.of(values);
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    static RawColumn.Lists lists(@Nullable List<@Nullable String>... rows) {
        int[] offsets = new int[rows.length + 1];
        boolean[] nulls = new boolean[rows.length];
        java.util.ArrayList<@Nullable String> elements = new java.util.ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            List<@Nullable String> row = rows[i];
            nulls[i] = row == null;
            if (row != null) {
                elements.addAll(row);
            }
            offsets[i + 1] = elements.size();
        }
        return new RawColumn.Lists(offsets, nulls, texts(elements.toArray(new String[0])));
    }

    /** Labels 0, 1, 0, 1, … */
    static RawColumn alternating(int rows) {
        long[] values = new long[rows];
        for (int i = 0; i < rows; i++) {
            values[i] = i & 1;
        }
        return new RawColumn.Longs(values, null);
    }

    static RawChunk chunk(Object... namesAndColumns) {
        Map<String, RawColumn> columns = new LinkedHashMap<>();
        for (int i = 0; i < namesAndColumns.length; i += 2) {
            columns.put((String) namesAndColumns[i], (RawColumn) namesAndColumns[i + 1]);
        }
        int rows = columns.values().iterator().next().rows();
        return new RawChunk("clicks.csv", 1, rows, columns);
    }

    /** With a label column {@code click} of 0, 1, 0, 1, … besides. */
    static RawChunk labelled(Object... namesAndColumns) {
        Object[] all = Arrays.copyOf(namesAndColumns, namesAndColumns.length + 2);
        all[namesAndColumns.length] = "click";
        all[namesAndColumns.length + 1] = alternating(((RawColumn) namesAndColumns[1]).rows());
        return chunk(all);
    }

    static SchemaConfig config(FeatureConfig... features) {
        return config(false, features);
    }

    static SchemaConfig config(boolean strict, FeatureConfig... features) {
        return new SchemaConfig(
                List.of(features),
                List.of(LabelConfig.of("click")),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                strict);
    }

    static DenseFeature dense(String name, DenseEncoding encoding) {
        return dense(name, encoding, 4, Optional.empty());
    }

    static DenseFeature dense(String name, DenseEncoding encoding, int bins, Optional<Boolean> missing) {
        return new DenseFeature(name, Optional.empty(), encoding, bins, missing);
    }

    static CategoricalFeature categorical(String name) {
        return categorical(name, null, 1, null, null);
    }

    static CategoricalFeature categorical(
            String name,
            @Nullable String table,
            int minimumCount,
            @Nullable Integer maximumIds,
            @Nullable Integer hash) {
        return new CategoricalFeature(
                name,
                Optional.empty(),
                Optional.ofNullable(table),
                minimumCount,
                Optional.ofNullable(maximumIds),
                Optional.ofNullable(hash));
    }

    static BagFeature bag(String name, int maximumLength, String... columns) {
        return new BagFeature(
                name,
                List.of(columns),
                "|",
                Optional.empty(),
                1,
                Optional.empty(),
                Optional.empty(),
                maximumLength,
                BagFeature.Pooling.MEAN);
    }

    static SequenceFeature sequence(
            String name, @Nullable String target, int maximumLength, SequenceFeature.Keep keep, String... columns) {
        return new SequenceFeature(
                name,
                List.of(columns),
                "|",
                Optional.ofNullable(target),
                Optional.empty(),
                target == null ? 1 : 2,
                Optional.empty(),
                Optional.empty(),
                maximumLength,
                keep,
                "history");
    }

    static FeatureSchema fit(SchemaConfig config, RawChunk... chunks) {
        SchemaFitter fitter = SchemaFitter.of(config);
        for (RawChunk chunk : chunks) {
            boolean[] selected = new boolean[chunk.rows()];
            Arrays.fill(selected, true);
            fitter.add(chunk, selected);
        }
        return fitter.fit();
    }

    /** The ids of one row of a bag or a sequence. */
    static int[] row(EncodedChunk.Lists lists, int row) {
        return Arrays.copyOfRange(lists.ids(), lists.offsets()[row], lists.offsets()[row + 1]);
    }
}
