package dev.marquee.schema;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns the values of one chunk into ids. One thread. */
final class ValueReader {
    private final RawChunk chunk;
    private final boolean strict;
    private final boolean @Nullable [] selected;
    private final CanonicalText text = new CanonicalText();
    private int[] bounds = new int[64];
    private int[] found = new int[64];
    private int size;

    /** For a chunk, of which only some rows are read; all of them if the choice is null. */
    ValueReader(RawChunk chunk, boolean strict, boolean @Nullable [] selected) {
        this.chunk = chunk;
        this.strict = strict;
        this.selected = selected;
    }

    /** Writes the ids of a categorical feature, each {@code stride} behind the one before. */
    void field(Plan.FieldSpec field, IdTable table, int[] ids, int offset, int stride) {
        RawColumn column = Refusals.required(chunk, field.column());
        if (column instanceof RawColumn.Lists) {
            throw Refusals.list(
                    chunk, field.column(), "a categorical feature needs one value: use kind bag or sequence");
        }
        if (column instanceof RawColumn.Texts texts && selected == null) {
            table.ids(texts, ids, offset, stride);
            return;
        }
        for (int row = 0, at = offset; row < column.rows(); row++, at += stride) {
            if (selected == null || selected[row]) {
                ids[at] = id(column, row, row, field.column(), table);
            }
        }
    }

    /** The ids of a bag or a sequence. */
    EncodedChunk.Lists list(Plan.ListSpec list, IdTable table) {
        List<RawColumn> columns = list.columns().stream()
                .map(name -> Refusals.required(chunk, name))
                .toList();
        byte[] separator = list.separator().getBytes(StandardCharsets.UTF_8);
        int[] offsets = new int[chunk.rows() + 1];
        size = 0;
        for (int row = 0; row < chunk.rows(); row++) {
            if (selected == null || selected[row]) {
                if (columns.size() > 1) {
                    several(list, columns, row, table);
                } else if (columns.get(0) instanceof RawColumn.Lists lists) {
                    elements(list, lists, row, table);
                } else if (columns.get(0) instanceof RawColumn.Texts texts) {
                    separated(list, texts, row, separator, table);
                } else if (!columns.get(0).isNull(row)) {
                    addAll(list, columns.get(0), row, row + 1, row, table);
                }
            }
            offsets[row + 1] = size;
        }
        return new EncodedChunk.Lists(offsets, Arrays.copyOf(found, size));
    }

    private void elements(Plan.ListSpec list, RawColumn.Lists lists, int row, IdTable table) {
        if (lists.elements() instanceof RawColumn.Lists) {
            throw Refusals.list(chunk, list.columns().get(0) + "'s lists", "one value an element is needed");
        }
        if (!lists.isNull(row)) {
            addAll(list, lists.elements(), lists.offset(row), lists.offset(row + 1), row, table);
        }
    }

    private void addAll(Plan.ListSpec list, RawColumn column, int from, int to, int row, IdTable table) {
        int first = from;
        int start = size;
        if (list.last()) {
            first = Math.max(from, to - list.maximumLength());
        }
        for (int i = first; i < to && size - start < list.maximumLength(); i++) {
            add(list, id(column, i, row, list.columns().get(0), table));
        }
    }

    private void several(Plan.ListSpec list, List<RawColumn> columns, int row, IdTable table) {
        int present = 0;
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i) instanceof RawColumn.Lists) {
                throw Refusals.list(chunk, list.columns().get(i), "of several columns each must hold one value");
            }
            present += isPresent(columns.get(i), row) ? 1 : 0;
        }
        int skip = list.last() ? Math.max(0, present - list.maximumLength()) : 0;
        int start = size;
        for (int i = 0; i < columns.size() && size - start < list.maximumLength(); i++) {
            if (isPresent(columns.get(i), row) && --skip < 0) {
                add(list, id(columns.get(i), row, row, list.columns().get(i), table));
            }
        }
    }

    private static boolean isPresent(RawColumn column, int row) {
        return !column.isNull(row)
                && !(column instanceof RawColumn.Texts texts && texts.offset(row) == texts.offset(row + 1));
    }

    private void separated(Plan.ListSpec list, RawColumn.Texts texts, int row, byte[] separator, IdTable table) {
        int from = texts.offset(row);
        int to = texts.offset(row + 1);
        if (texts.isNull(row) || from == to) {
            return;
        }
        byte[] bytes = texts.bytes();
        int parts = 0; // part i lies from bounds[i] to before the separator that ends at bounds[i + 1]
        bounds[parts++] = from;
        for (int at = from; at <= to - separator.length; ) {
            if (bytes[at] == separator[0]
                    && Arrays.equals(bytes, at, at + separator.length, separator, 0, separator.length)) {
                at += separator.length;
                if (parts + 1 >= bounds.length) {
                    bounds = Arrays.copyOf(bounds, 2 * bounds.length);
                }
                bounds[parts++] = at;
            } else {
                at++;
            }
        }
        bounds[parts] = to + separator.length;
        int start = size;
        int first = list.last() ? Math.max(0, parts - list.maximumLength()) : 0;
        for (int i = first; i < parts && size - start < list.maximumLength(); i++) {
            int end = bounds[i + 1] - separator.length;
            add(list, bounds[i] == end ? Ids.MISSING : table.id(bytes, bounds[i], end));
        }
    }

    /** Of a bag, missing elements are left out. */
    private void add(Plan.ListSpec list, int id) {
        if (id != Ids.MISSING || list.aligned()) {
            if (size == found.length) {
                found = Arrays.copyOf(found, 2 * size);
            }
            found[size++] = id;
        }
    }

    private int id(RawColumn column, int index, int row, String name, IdTable table) {
        if (column instanceof RawColumn.Texts texts) {
            int from = texts.offset(index);
            int to = texts.offset(index + 1);
            return texts.isNull(index) || from == to ? Ids.MISSING : table.id(texts.bytes(), from, to);
        }
        if (column instanceof RawColumn.Doubles doubles && !doubles.isNull(index)) {
            double value = doubles.value(index);
            if (Double.isNaN(value) || Double.isInfinite(value)) {
                if (strict) {
                    throw Refusals.value(chunk, row, name, value + " is no value of a category");
                }
                return Ids.MISSING;
            }
        }
        return text.read(column, index) ? table.id(text.bytes(), text.from(), text.to()) : Ids.MISSING;
    }
}
