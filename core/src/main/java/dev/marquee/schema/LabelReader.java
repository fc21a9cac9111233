package dev.marquee.schema;

import org.jspecify.annotations.Nullable;

/** Reads a label: 0, 1, or NaN where there is none. */
final class LabelReader {
    private final LabelConfig label;
    private final @Nullable Vocabulary positive;

    LabelReader(LabelConfig label) {
        this.label = label;
        positive = label.positive().isEmpty()
                ? null
                : Vocabulary.of(label.positive().stream().distinct().toList());
    }

    LabelConfig label() {
        return label;
    }

    /** Writes the labels of the selected rows (null: all), each {@code stride} behind the one before. */
    void read(RawChunk chunk, RawColumn column, boolean @Nullable [] selected, float[] labels, int offset, int stride) {
        if (column instanceof RawColumn.Lists) {
            throw Refusals.list(chunk, label.source(), "the label " + label.name() + " needs one value");
        }
        CanonicalText text = new CanonicalText();
        for (int row = 0, at = offset; row < column.rows(); row++, at += stride) {
            labels[at] = Float.NaN;
            if ((selected != null && !selected[row]) || isMissing(column, row)) {
                continue;
            }
            if (positive != null) {
                text.read(column, row);
                labels[at] = positive.id(text.bytes(), text.from(), text.to()) == Ids.UNKNOWN ? 0 : 1;
            } else {
                double value = NumberReader.value(column, row);
                if (value != 0 && value != 1) {
                    throw refusal(chunk, column, row);
                }
                labels[at] = (float) value + 0f;
            }
        }
    }

    private static boolean isMissing(RawColumn column, int row) {
        return column.isNull(row)
                || NumberReader.isBlank(column, row)
                || (column instanceof RawColumn.Doubles doubles && Double.isNaN(doubles.value(row)));
    }

    private RowException refusal(RawChunk chunk, RawColumn column, int row) {
        return Refusals.value(
                chunk,
                row,
                label.source(),
                "the label " + label.name() + " must be 0, 1, true or false, but the column holds "
                        + Refusals.values(column, row)
                        + ": list the values that count as 1 under the label's key positive");
    }
}
