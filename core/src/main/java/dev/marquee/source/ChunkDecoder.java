package dev.marquee.source;

import dev.marquee.schema.RawColumn;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBReadableVector;
import org.jspecify.annotations.Nullable;

/** Turns one chunk of a {@link RowPlan}'s query into columns. */
final class ChunkDecoder {
    /** What stands for no value: asking for both at once is cheaper, as values are rarely this number. */
    private static final long ABSENT = Long.MIN_VALUE;
    /** How many rows' texts are taken apart together: few enough to stay in the processor's nearest cache. */
    private static final int BLOCK = 64;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final RowPlan plan;
    private final DuckDBDataChunkReader chunk;
    private final int rows;

    /** The texts of all rows, by text of the plan; null where a row has none. */
    private final RawColumn.Texts[] texts;

    private ChunkDecoder(RowPlan plan, DuckDBDataChunkReader chunk, int rows) {
        this.plan = plan;
        this.chunk = chunk;
        this.rows = rows;
        this.texts = texts();
    }

    /**
     * The columns.
     *
     * @param rows how many of the chunk's rows, from the first
     */
    static Map<String, RawColumn> decode(RowPlan plan, DuckDBDataChunkReader chunk, int rows) {
        return new ChunkDecoder(plan, chunk, rows).columns();
    }

    private Map<String, RawColumn> columns() {
        Map<String, RawColumn> columns = new LinkedHashMap<>();
        for (RowPlan.Place place : plan.places()) {
            columns.put(place.name(), column(place));
        }
        return columns;
    }

    private RawColumn column(RowPlan.Place place) {
        return switch (place.cells()) {
            case LONG -> longs(place.number());
            case DOUBLE -> doubles(place.number());
            case TEXT -> texts[place.text()];
            case TIME_TEXT -> times(longs(place.number()), texts[place.text()]);
            case LONGS -> list(place, ListText::longs);
            case DOUBLES -> list(place, ListText::doubles);
            case TEXTS -> list(place, (joined, count) -> ListText.texts(joined, texts[place.text() + 1], count));
            case NONE -> throw new AssertionError(place);
        };
    }

    private RawColumn.Longs longs(int cell) {
        DuckDBReadableVector vector = chunk.vector(cell);
        long[] values = new long[rows];
        boolean[] nulls = null;
        for (int i = 0; i < rows; i++) {
            long value = vector.getLong(i, ABSENT);
            if (value == ABSENT && vector.isNull(i)) {
                nulls = nulls == null ? new boolean[rows] : nulls;
                nulls[i] = true;
            } else {
                values[i] = value;
            }
        }
        return new RawColumn.Longs(values, nulls);
    }

    private RawColumn.Doubles doubles(int cell) {
        DuckDBReadableVector vector = chunk.vector(cell);
        double[] values = new double[rows];
        boolean[] nulls = null;
        for (int i = 0; i < rows; i++) {
            double value = vector.getDouble(i, Double.NaN);
            if (Double.isNaN(value) && vector.isNull(i)) {
                nulls = nulls == null ? new boolean[rows] : nulls;
                nulls[i] = true;
            } else {
                values[i] = value;
            }
        }
        return new RawColumn.Doubles(values, nulls);
    }

    /** Points in time as numbers; where any could not be read, all as texts: digits, and what was found. */
    private RawColumn times(RawColumn.Longs times, RawColumn.Texts unread) {
        boolean all = true;
        for (int i = 0; i < rows; i++) {
            all &= unread.isNull(i);
        }
        if (all) {
            return times;
        }
        @Nullable String[] mixed = new String[rows];
        for (int i = 0; i < rows; i++) {
            if (!times.isNull(i)) {
                mixed[i] = Long.toString(times.value(i));
            } else if (!unread.isNull(i)) {
                mixed[i] = unread.value(i);
            }
        }
        return RawColumn.Texts.of(mixed);
    }

    private RawColumn.Lists list(RowPlan.Place place, ElementReader reader) {
        RawColumn.Longs counts = longs(place.number());
        int[] offsets = new int[rows + 1];
        boolean[] nulls = null;
        for (int i = 0; i < rows; i++) {
            if (counts.isNull(i)) {
                nulls = nulls == null ? new boolean[rows] : nulls;
                nulls[i] = true;
                offsets[i + 1] = offsets[i];
            } else {
                offsets[i + 1] = Math.addExact(offsets[i], Math.toIntExact(counts.value(i)));
            }
        }
        return new RawColumn.Lists(offsets, nulls, reader.read(texts[place.text()], offsets));
    }

    private RawColumn.Texts[] texts() {
        int count = plan.texts();
        RawColumn.Texts[] columns = new RawColumn.Texts[count];
        if (count == 0) {
            return columns;
        }
        int[][] offsets = new int[count][];
        byte[][] bytes = new byte[count][];
        for (int t = 0; t < count; t++) {
            offsets[t] = new int[rows + 1];
            boolean[] nulls = offsets(chunk.vector(plan.length(t)), offsets[t]);
            bytes[t] = new byte[offsets[t][rows]];
            columns[t] = new RawColumn.Texts(bytes[t], offsets[t], nulls);
        }
        DuckDBReadableVector packed = chunk.vector(plan.packed());
        byte[][] joined = new byte[BLOCK][];
        int[] starts = new int[BLOCK];
        for (int first = 0; first < rows; first += BLOCK) {
            int block = Math.min(BLOCK, rows - first);
            for (int i = 0; i < block; i++) {
                joined[i] = packed.getString(first + i).getBytes(StandardCharsets.UTF_8);
                starts[i] = 0;
            }
            for (int t = 0; t < count; t++) {
                take(joined, starts, block, bytes[t], offsets[t], first);
            }
        }
        return columns;
    }

    /** Where each text begins, from the lengths; returns which are none, null when all are there. */
    private boolean @Nullable [] offsets(DuckDBReadableVector lengths, int[] offsets) {
        boolean[] nulls = null;
        long end = 0;
        for (int i = 0; i < rows; i++) {
            long length = lengths.getLong(i, -1);
            if (length < 0) {
                nulls = nulls == null ? new boolean[rows] : nulls;
                nulls[i] = true;
            } else {
                end += length;
            }
            offsets[i + 1] = (int) end;
        }
        Math.toIntExact(end);
        return nulls;
    }

    /** Moves the next text of each row to its column. */
    private static void take(byte[][] joined, int[] starts, int block, byte[] bytes, int[] offsets, int first) {
        for (int i = 0; i < block; i++) {
            byte[] row = joined[i];
            int from = starts[i];
            int to = offsets[first + i];
            int length = offsets[first + i + 1] - to;
            if (length <= Long.BYTES && from + Long.BYTES <= row.length && to + Long.BYTES <= bytes.length) {
                // What is too much lies where the next rows' texts will.
                LONGS.set(bytes, to, (long) LONGS.get(row, from));
            } else {
                System.arraycopy(row, from, bytes, to, length);
            }
            starts[i] = from + length;
        }
    }

    /** Reads the elements of all rows' lists. */
    private interface ElementReader {
        /**
         * Reads.
         *
         * @param joined a text a row that tells of its elements
         * @param offsets where each row's elements begin
         */
        RawColumn read(RawColumn.Texts joined, int[] offsets);
    }
}
