package dev.marquee.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Tables that share a tensor, one after the other. */
final class TableSlices {
    private TableSlices() {}

    /**
     * The part of each table.
     *
     * @param prefix of their names
     * @param slices the tables
     * @param ofRows {@code [rows, …]}, with all rows of all tables
     * @return views by name
     */
    static Map<String, Tensor> views(String prefix, List<EmbeddingTable.Slice> slices, Tensor ofRows) {
        Map<String, Tensor> views = new LinkedHashMap<>();
        long first = 0;
        for (EmbeddingTable.Slice slice : slices) {
            views.put(prefix + slice.name(), ofRows.narrow(0, first, slice.rows()));
            first += slice.rows();
        }
        return views;
    }
}
