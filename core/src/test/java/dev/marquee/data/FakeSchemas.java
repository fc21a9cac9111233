package dev.marquee.data;

import dev.marquee.schema.BagFeature;
import dev.marquee.schema.EncodedChunk;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.schema.Ids;
import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.schema.RowException;
import dev.marquee.schema.SchemaConfig;
import dev.marquee.schema.SchemaFitter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Schemas that encode {@link FakeRows} so that each row can be told from its numbers. */
final class FakeSchemas implements SchemaFactory {
    /** The rows that the last schema was learnt from. */
    final Set<Long> learnt = new TreeSet<>();

    @Override
    public SchemaFitter fitter(SchemaConfig config) {
        learnt.clear();
        return new SchemaFitter() {
            @Override
            public void add(RawChunk chunk, boolean[] selected) {
                RawColumn.Longs x = longs(chunk, "x");
                for (int i = 0; i < selected.length; i++) {
                    if (selected[i]) {
                        learnt.add(x.value(i));
                    }
                }
            }

            @Override
            public FeatureSchema fit() {
                return new Fake("{\"rows\": " + learnt.size() + "}");
            }
        };
    }

    @Override
    public FeatureSchema read(String json, Map<String, byte[]> blobs) {
        if (!new String(Objects.requireNonNull(blobs.get("table c/x")), StandardCharsets.UTF_8).equals("words")) {
            throw new IllegalArgumentException("not the blob that was written");
        }
        return new Fake(json);
    }

    private static RawColumn.Longs longs(RawChunk chunk, String name) {
        RawColumn.Longs column = (RawColumn.Longs) chunk.column(name);
        if (column == null) {
            throw new RowException(chunk.place(0) + " has no column " + name);
        }
        return column;
    }

    /** A schema of {@link FakeRows#schema()}. */
    record Fake(String json) implements FeatureSchema {
        @Override
        public Optional<List<String>> vocabulary(int table) {
            return Optional.empty();
        }

        @Override
        public SchemaConfig config() {
            return FakeRows.schema();
        }

        @Override
        public FeatureLayout layout() {
            return new FeatureLayout(
                    List.of(new FeatureLayout.Dense("x", 0, 2)),
                    List.of(new FeatureLayout.Table("c", 10), new FeatureLayout.Table("tags", 100)),
                    List.of(new FeatureLayout.Field("c", 0)),
                    List.of(new FeatureLayout.Bag("tags", 1, 9, BagFeature.Pooling.MEAN)),
                    List.of(new FeatureLayout.Sequence("seq", 1, 9, -1, "history")),
                    List.of(new FeatureLayout.Label("y", 0.5)));
        }

        @Override
        public EncodedChunk encode(RawChunk chunk) {
            int rows = chunk.rows();
            RawColumn.Longs x = longs(chunk, "x");
            RawColumn.Texts c = (RawColumn.Texts) Objects.requireNonNull(chunk.column("c"));
            RawColumn.@Nullable Longs y = (RawColumn.Longs) chunk.column("y");
            RawColumn.@Nullable Doubles w = (RawColumn.Doubles) chunk.column("w");
            RawColumn.@Nullable Longs g = (RawColumn.Longs) chunk.column("g");
            RawColumn.@Nullable Longs t = (RawColumn.Longs) chunk.column("t");
            float[] dense = new float[2 * rows];
            int[] ids = new int[rows];
            float[] labels = new float[rows];
            float[] weights = new float[rows];
            long[] groups = new long[rows];
            long[] times = new long[rows];
            for (int i = 0; i < rows; i++) {
                if (x.value(i) == 666) {
                    throw new RowException(chunk.place(i) + ": column x is refused");
                }
                dense[2 * i] = x.value(i);
                dense[2 * i + 1] = -x.value(i);
                ids[i] = c.isNull(i) ? Ids.MISSING : Ids.FIRST + c.value(i).charAt(1) - '0';
                labels[i] = y == null ? Float.NaN : y.value(i);
                weights[i] = w == null ? 1 : (float) w.value(i);
                groups[i] = g == null ? 0 : g.value(i);
                times[i] = t == null ? 0 : t.value(i);
            }
            List<EncodedChunk.Lists> lists = new ArrayList<>();
            for (String name : List.of("tags", "seq")) {
                lists.add(list((RawColumn.Lists) Objects.requireNonNull(chunk.column(name))));
            }
            return new EncodedChunk(
                    rows,
                    dense,
                    ids,
                    lists,
                    labels,
                    w == null ? null : weights,
                    g == null ? null : groups,
                    t == null ? null : times);
        }

        @Override
        public String value(int field, int id) {
            return "c" + (id - Ids.FIRST);
        }

        @Override
        public Map<String, byte[]> blobs() {
            return Map.of("table c/x", "words".getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String fingerprint() {
            return RowSources.identify(json);
        }

        private static EncodedChunk.Lists list(RawColumn.Lists lists) {
            int[] offsets = new int[lists.rows() + 1];
            for (int i = 0; i <= lists.rows(); i++) {
                offsets[i] = lists.offset(i);
            }
            RawColumn.Longs elements = (RawColumn.Longs) lists.elements();
            int[] ids = new int[offsets[lists.rows()]];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = (int) elements.value(i);
            }
            return new EncodedChunk.Lists(offsets, ids);
        }
    }
}
