package dev.marquee.nn;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Makes embedding tables with new rows. */
final class NewTables {
    private NewTables() {}

    /** Where the rows go. */
    record Owner(DType type, Arena arena, Map<String, Tensor> sliced) {}

    static EmbeddingTable make(
            String name,
            List<EmbeddingTable.Slice> slices,
            long total,
            int width,
            Owner owner,
            Initializer initializer,
            @Nullable GrowingRows rows) {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Tensor weight = owner.arena().keep(Tensors.empty(owner.type(), total, width));
            initializer.fill(weight);
            long first = 0;
            for (EmbeddingTable.Slice slice : slices) {
                String full = name + slice.name();
                Tensor part = weight.narrow(0, first, slice.rows());
                part.select(0, 0).zero_(); // padding
                owner.sliced().put(full, owner.arena().keep(part));
                first += slice.rows();
            }
            RowPool pool = null;
            if (rows != null) {
                if (rows.fixedRows() != total) {
                    throw new IllegalArgumentException(
                            total + " fixed rows, but the growing ones come after " + rows.fixedRows());
                }
                pool = new RowPool(rows.prefix() + "weight." + stem(name), owner.type(), width, initializer);
                rows.add(pool);
            }
            return new EmbeddingTable(name, slices, weight, pool);
        }
    }

    /** A prefix without the dot at its end. */
    private static String stem(String prefix) {
        return prefix.isEmpty() ? "rows" : prefix.substring(0, prefix.length() - 1);
    }
}
