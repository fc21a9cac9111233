package dev.marquee.data;

import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gathers consecutive rows out of chunks, and makes a chunk of some of their columns. */
final class RawPieces {
    private final List<String> columns;
    private final List<Piece> pieces = new ArrayList<>();

    private record Piece(RawChunk chunk, int from, int to) {}

    private record Range(RawColumn column, int from, int to) {
        int size() {
            return to - from;
        }
    }

    RawPieces(List<String> columns) {
        this.columns = List.copyOf(columns);
    }

    /** Adds rows from one to before another; they follow those before where these are of the same chunk. */
    void add(RawChunk chunk, int from, int to) {
        Piece last = pieces.isEmpty() ? null : pieces.get(pieces.size() - 1);
        if (last != null && last.to == from && isSame(last.chunk, chunk)) {
            pieces.set(pieces.size() - 1, new Piece(chunk, last.from, to));
        } else {
            pieces.add(new Piece(chunk, from, to));
        }
    }

    @SuppressWarnings("ReferenceEquality") // two chunks are never equal but the same
    private static boolean isSame(RawChunk one, RawChunk other) {
        return one == other;
    }

    /** The rows gathered, which are forgotten then. */
    RawChunk take() {
        Piece first = pieces.get(0);
        int rows = pieces.stream().mapToInt(piece -> piece.to - piece.from).sum();
        Map<String, RawColumn> made = new LinkedHashMap<>();
        for (String name : columns) {
            List<Range> ranges = new ArrayList<>();
            for (Piece piece : pieces) {
                RawColumn column = piece.chunk.column(name);
                if (column == null) {
                    throw new DataException(piece.chunk.place(piece.from) + " has no column \"" + name + "\"");
                }
                ranges.add(new Range(column, piece.from, piece.to));
            }
            made.put(name, join(name, ranges, rows));
        }
        pieces.clear();
        return new RawChunk(first.chunk.source(), first.chunk.firstRow() + first.from, rows, made);
    }

    private static RawColumn join(String name, List<Range> ranges, int rows) {
        RawColumn first = ranges.isEmpty() ? new RawColumn.Longs(new long[0], null) : ranges.get(0).column;
        for (Range range : ranges) {
            if (range.column.getClass() != first.getClass()) {
                throw new DataException("column \"" + name + "\" changes its type from file to file");
            }
        }
        boolean @Nullable [] nulls = nulls(ranges, rows);
        if (first instanceof RawColumn.Longs) {
            long[] values = new long[rows];
            each(ranges, (at, column, row) -> values[at] = ((RawColumn.Longs) column).value(row));
            return new RawColumn.Longs(values, nulls);
        }
        if (first instanceof RawColumn.Doubles) {
            double[] values = new double[rows];
            each(ranges, (at, column, row) -> values[at] = ((RawColumn.Doubles) column).value(row));
            return new RawColumn.Doubles(values, nulls);
        }
        return first instanceof RawColumn.Texts ? texts(ranges, rows, nulls) : lists(name, ranges, rows, nulls);
    }

    private static RawColumn texts(List<Range> ranges, int rows, boolean @Nullable [] nulls) {
        int[] offsets = new int[rows + 1];
        byte[] bytes = new byte[0];
        int at = 0;
        for (Range range : ranges) {
            RawColumn.Texts texts = (RawColumn.Texts) range.column;
            int begin = texts.offset(range.from);
            int length = texts.offset(range.to) - begin;
            int start = bytes.length;
            bytes = Arrays.copyOf(bytes, start + length);
            System.arraycopy(texts.bytes(), begin, bytes, start, length);
            for (int row = range.from; row < range.to; row++) {
                offsets[++at] = start + texts.offset(row + 1) - begin;
            }
        }
        return new RawColumn.Texts(bytes, offsets, nulls);
    }

    private static RawColumn lists(String name, List<Range> ranges, int rows, boolean @Nullable [] nulls) {
        int[] offsets = new int[rows + 1];
        List<Range> elements = new ArrayList<>();
        int at = 0;
        int start = 0;
        for (Range range : ranges) {
            RawColumn.Lists lists = (RawColumn.Lists) range.column;
            Range part = new Range(lists.elements(), lists.offset(range.from), lists.offset(range.to));
            elements.add(part);
            for (int row = range.from; row < range.to; row++) {
                offsets[++at] = start + lists.offset(row + 1) - part.from;
            }
            start += part.size();
        }
        return new RawColumn.Lists(offsets, nulls, join(name, elements, start));
    }

    private static boolean @Nullable [] nulls(List<Range> ranges, int rows) {
        boolean[] nulls = new boolean[rows];
        boolean[] any = {false};
        each(ranges, (at, column, row) -> {
            nulls[at] = column.isNull(row);
            any[0] |= nulls[at];
        });
        return any[0] ? nulls : null;
    }

    /** Copies one value. */
    private interface Visitor {
        void visit(int at, RawColumn column, int row);
    }

    private static void each(List<Range> ranges, Visitor visitor) {
        int at = 0;
        for (Range range : ranges) {
            for (int row = range.from; row < range.to; row++) {
                visitor.visit(at++, range.column, row);
            }
        }
    }
}
